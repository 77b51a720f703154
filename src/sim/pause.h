/* When the node stands still, as under a garbage collector: every_s after its start and every_s
 * after each begin, for for_s. What is due in a pause waits for its end: the start of a batch, and
 * each token; what loads or computes meanwhile continues, and so does what needs no node: the head
 * of a stream, keep-alives, counts of tokens. All replicas stand still together. */
#ifndef SIM_PAUSE_H
#define SIM_PAUSE_H

#include <stdint.h>

#include "sim/node_file.h"

/* Zeroed: none. */
struct pauses {
    int64_t begun_ns; /* the node's start */
    int64_t every_ns, for_ns;
};

/* Those of a node that started at `begun_ns`. */
struct pauses pauses_from(const struct bundle_pauses *about, int64_t begun_ns);

/* The moment itself, or the end of the pause that it falls into. */
int64_t pauses_end_ns(const struct pauses *pauses, int64_t at_ns);

/* Where a pause ends at this very moment, its begin; else the moment itself. */
int64_t pauses_begin_ns(const struct pauses *pauses, int64_t at_ns);

#endif
