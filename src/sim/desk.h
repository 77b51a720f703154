/* Where requests are taken in and answers given out when they are due: joins what is asked, the
 * node, the moments, and the connections. Sockets, signals and the wait between turns are the
 * server's. */
#ifndef SIM_DESK_H
#define SIM_DESK_H

#include <stdint.h>

#include "sim/answer.h"
#include "sim/behaviour.h"
#include "sim/server.h"

struct desk {
    const struct server_options *options;
    void (*on_leave)(void *context, double seconds); /* nobody shall connect for that long */
    void *context;
    void (*send)(struct desk *desk, struct answer *answer, int64_t now_ns); /* what is due */
    struct node *node;
    int64_t node_ns; /* node_next_ns, asked once after each change */
    struct deadlines deadlines;
    struct rate rate;
    int64_t floods; /* answers of a flood so far */
    struct answer_room room;
};

/* What the connections call, with the desk as their context. */
extern const struct connection_events desk_events;

/* The options must outlive the desk. */
void desk_init(struct desk *desk, const struct server_options *options,
               void (*on_leave)(void *context, double seconds), void *context);

/* Carries out what is due. */
void desk_work(struct desk *desk);

/* When there will be something to do, whatever the connections bring; NODE_IDLE where nothing. */
int64_t desk_next_ns(const struct desk *desk);

/* Frees what it holds, once all connections are closed. */
void desk_clear(struct desk *desk);

#endif
