/* A node with a queue in front, followed call by call: what calls wait for, and what of that is
 * switching.
 *
 * One batch runs at a time, from its begin to its last response. A batch is of one configuration,
 * whose oldest waiting calls it takes, as many as it holds; one that is not in memory is loaded
 * first, and the whole batch waits for that. In order, the configuration of the oldest call is
 * next. Grouped, the oldest call of those that need no load is next, and where there is none, the
 * oldest of all; what keeps being asked for may then starve the rest.
 *
 * Times are seconds. Without switches this is the queue of the textbooks: with independent calls of
 * one at a time, they wait λ E[S²] ÷ 2 (1 − ρ) on average (Pollaczek 1930, Khinchine 1932). */
#ifndef STATS_QUEUE_H
#define STATS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/study.h"

/* What is loaded, and stays or leaves. */
struct queue_configuration {
    double weight;     /* in the unit of the capacity, > 0 */
    double switch_s;   /* what loading it takes */
    size_t batch_most; /* calls that run together at most, ≥ 1 */
};

struct queue_node {
    const struct queue_configuration *configuration; /* not owned */
    size_t configurations;
    double capacity; /* INFINITY: everything stays */
    bool lru;        /* else FIFO (followed.h) */
    double expiry_s; /* what was idle for longer has left; INFINITY: nothing does */
    enum study_schedule schedule;
};

struct queue_call {
    double at_s, service_s; /* when it comes, and what it takes without a switch */
    size_t configuration;
    size_t member; /* of the load; for its part */
    /* What is found: */
    double begin_s;  /* its batch begins, the switch included */
    bool pays;       /* its batch waited for a switch … */
    double switch_s; /* … of so long; 0: it did not */
    size_t batch;    /* its batch's number, from 0, in the order they ran */
};

/* Carries out `count` calls, which are sorted by `at_s`, on an empty node; fills what is found.
 * Returns how many batches ran. */
size_t queue_run(const struct queue_node *node, struct queue_call *call, size_t count);

/* A kind of call: its part of all calls, which need not sum to 1, and what one takes. */
struct queue_member {
    double share, service_s;
    size_t configuration;
};

/* Calls that come independently of each other (Poisson). Each draw of a member by share brings
 * `in_a_row` ≥ 1 calls to it on average (geometric), before the next is drawn; 1: each call is
 * drawn by itself. */
struct queue_load {
    const struct queue_member *member; /* not owned */
    size_t members;
    double rate;     /* calls/s, > 0 */
    double in_a_row; /* ≥ 1 */
    double spread;   /* standard deviation ÷ mean of what a call takes (log-normal); 0: none */
    size_t calls;    /* to follow, beyond those that fill the memory first */
    uint64_t seed;
};

/* What a member's calls meet: of its calls, the share that pays and what they wait for their own
 * batch's switch; and of the node's time, the share that goes to its switches. */
struct queue_part {
    double paid_share, switch_s, time_share;
};

/* Follows the load through the node, and the same calls through one that holds everything. Fills
 * the `part` of each member; NULL: they are not asked for. */
struct study_queue queue_predict(const struct queue_node *node, const struct queue_load *load,
                                 struct queue_part *part);

#endif
