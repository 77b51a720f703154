/* Where requests are taken in and responses given out when they are due: joins what is asked, the
 * node, the moments, and the connections. Sockets, signals and the wait between turns are the
 * server's. */
#ifndef SIM_SCHEDULER_H
#define SIM_SCHEDULER_H

#include <stdint.h>

#include "sim/behaviour.h"
#include "sim/events.h"
#include "sim/metrics.h"
#include "sim/response.h"
#include "sim/server.h"

struct scheduler {
    const struct server_options *options;
    void (*on_leave)(void *context, double seconds); /* nobody shall connect for that long */
    void *context;
    void (*send)(struct scheduler *scheduler, struct sim_response *response,
                 int64_t now_ns); /* what is due */
    struct node *node;
    int64_t node_ns; /* node_next_ns, asked once after each change */
    struct deadlines deadlines;
    struct rate rate;
    int64_t floods; /* responses of a flood so far */
    struct response_room room;
    struct metrics metrics;
    struct events events;
};

/* What the connections call, with the scheduler as their context. */
extern const struct connection_events scheduler_events;

/* The options must outlive the scheduler. */
void scheduler_init(struct scheduler *scheduler, const struct server_options *options,
                    void (*on_leave)(void *context, double seconds), void *context);

/* Carries out what is due. */
void scheduler_work(struct scheduler *scheduler);

/* When there will be something to do, whatever the connections bring; NODE_IDLE where nothing. */
int64_t scheduler_next_ns(const struct scheduler *scheduler);

/* Frees what it holds, once all connections are closed. */
void scheduler_clear(struct scheduler *scheduler);

#endif
