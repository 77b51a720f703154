/* What a step's looking has of the requests of one row; inside this room. */
#ifndef SEARCH_LOOKED_H
#define SEARCH_LOOKED_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/trial.h"

struct looked {
    struct trial_call *call; /* by index; owned */
    bool *ended;             /* … of them; owned */
    size_t room, count;      /* count: behind the last that has ended */
    size_t whole;            /* requests before which all have ended */
};

/* Takes request `index`, which has ended. */
void looked_add(struct looked *looked, size_t index, const struct trial_call *call);

/* Puts the requests of all members into one series, by the moments at which they were sent, to be
 * freed: all that have ended, or only those before which, of every member, all have. */
struct trial_call *looked_join(const struct looked *member, size_t members, bool all,
                               size_t *count);

/* How many have ended before which all of their own member have. */
size_t looked_whole(const struct looked *member, size_t members);

void looked_clear(struct looked *looked);

#endif
