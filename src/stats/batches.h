/* At which batch sizes a row's requests ran (formats.md, section 8). */
#ifndef STATS_BATCHES_H
#define STATS_BATCHES_H

#include "record/request.h"
#include "record/step.h"

/* Fills the step's batch fields from its requests. Where every completed request reports
 * `batch_size_used`, that is the truth; else completed requests are taken by end time, neighbours
 * with the same server TTFT are one batch, and its size is the next power of two that holds them.
 * Requests without either are in no batch. */
void batches_count(const struct outcome *outcomes, size_t count, struct step *step);

#endif
