/* At which batch sizes a row's requests ran (formats.md, section 8). */
#ifndef STATS_BATCHES_H
#define STATS_BATCHES_H

#include "record/request.h"
#include "record/step.h"

/* What of a completed request tells its batch. */
struct batch_member {
    int64_t done_ns;
    double reported;      /* batch_size_used; NAN: not told */
    double server_ttft_s; /* NAN: not told */
    double size;          /* that it ran in: what is found; NAN: not known */
};

/* Finds the sizes of completed requests, which stand in start order. Where every one reports
 * `batch_size_used`, that is the truth (then true); else they are taken by end time, neighbours
 * with the same server TTFT are one batch, and its size is the next power of two that holds them.
 */
bool batches_find(struct batch_member *members, size_t count);

/* Fills the step's batch fields from its requests. Requests of no known size are in no batch. */
void batches_count(const struct outcome *outcomes, size_t count, struct step *step);

#endif
