/* Open loop: a request is taken up a little before its moment, so that what it takes until it
 * leaves is over by then; inside this room.
 *
 * How long that is, is learned: nine of ten requests are ready earlier. They wait for their moment,
 * at most AHEAD_MOST_NS, so none leaves before it. */
#ifndef LOAD_AHEAD_H
#define LOAD_AHEAD_H

#include <stdint.h>

#define AHEAD_MOST_NS INT64_C(100000)

/* One for each loop. */
struct ahead {
    int64_t lead_ns;  /* how long before its moment the next is taken up */
    int64_t begun_ns; /* when the one was that is being made ready; 0: none is */
};

void ahead_init(struct ahead *ahead);

/* A request is taken up now; it has left, or waits for its connection. */
void ahead_begin(struct ahead *ahead);
void ahead_end(struct ahead *ahead);

/* It is ready to leave: waits for its moment where that is to come, but not past AHEAD_MOST_NS, and
 * returns what time it is then. */
int64_t ahead_hold(struct ahead *ahead, int64_t moment_ns);

#endif
