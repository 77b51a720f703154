/* The node as a study found it, for calls to be followed through (queue.h): what loading each of
 * its configurations costs, and how many of them it holds, by which rule. */
#ifndef STATS_STUDY_NODE_H
#define STATS_STUDY_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/queue.h"
#include "stats/study.h"

struct study_node {
    struct queue_node node;
    struct queue_configuration *loadable; /* which several rows may load; owned */
    size_t *configuration;                /* of each row of the study; owned */
};

/* False where the study does not tell what the node holds: its rule is none of LRU, FIFO and idle
 * expiry. Clear it either way. */
bool study_node_make(const struct study *study, struct study_node *made);

void study_node_clear(struct study_node *made);

/* Whether it is known what a row costs and weighs: a switch was found, or that there is none. */
bool study_node_knows(const struct study *study, const struct study_node *made, size_t row);

/* What a request of the row takes without a switch: the median over its visits of the client's
 * end-to-end latency at the median, and of the server's, which holds no queueing, where that is
 * known. NAN: not known. */
double study_node_client_s(const struct study *study, size_t row);
double study_node_server_s(const struct study *study, size_t row);

#endif
