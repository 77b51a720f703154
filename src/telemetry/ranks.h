/* Series that are told once for each rank of one engine. Ranks of tensor, pipeline and expert
 * parallelism run the same batches, so each of them tells the same requests: the lowest counts.
 * Those of data parallelism run batches of their own, and are summed, as engines are. Inside this
 * room. */
#ifndef TELEMETRY_RANKS_H
#define TELEMETRY_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "telemetry/exposition.h"

struct ranked {
    uint64_t key; /* of its name and all labels but ranks; 0: the place is free */
    double rank, value;
};

/* Zeroed: none was seen. */
struct ranks {
    struct ranked *place;
    size_t count, room;
};

/* What a sample adds to those before it: its value, or where one is a copy of the other, how much
 * that of the lower rank is more. `is_first`: it is no copy of one before. */
double ranks_take(struct ranks *ranks, const struct exposition_sample *sample, bool *is_first);

void ranks_clear(struct ranks *ranks);

#endif
