/* A row's figures from those of its requests (formats.md, section 6). */
#ifndef STATS_SUMMARY_H
#define STATS_SUMMARY_H

#include "record/request.h"
#include "record/step.h"

/* Fills everything in the step that follows from its requests: counts, error kinds, throughput,
 * each metric over the completed requests, batches and the switching time. `outcomes` in start
 * order. */
void summary_of(const struct outcome *outcomes, size_t count, struct step *step);

/* Adds one failed request to the step's error kinds; returns its kind. */
struct error_count *summary_count_error(struct step *step, const struct outcome *outcome);

/* "429" or "timeout": the code of a failed request. `size` bytes at `code`. */
void summary_error_code(enum request_end end, int http_status, char *code, size_t size);

#endif
