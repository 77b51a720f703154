/* What can be said about a plan before anything is sent: what it amounts to, and what will not work
 * as its author may think. */
#ifndef PLAN_ADVICE_H
#define PLAN_ADVICE_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "plan/rows.h"
#include "plan/settings.h"

/* Adds a warning, with file and line, for each row that cannot show a switch (closed loop with no
 * request after its first wave) and each that repeats an earlier one. */
void advice_on_rows(const struct rows *rows, const char *file, struct faults *warnings);

/* Adds one warning for all rows in which the rule cannot see a switch that a whole first wave
 * waited for, though it sees one that the first request alone did: a sweep has many. */
void advice_on_masking(const struct rows *rows, const char *file, struct faults *warnings);

struct advice_totals {
    int64_t requests;
    int64_t input_tokens, output_tokens;
    double seconds; /* see advice_total */
};

/* The plan's sums. Time is a guess: open loop takes num_requests/qps; a closed loop's wave takes
 * ADVICE_TTFT_S and then output tokens at ADVICE_TOKENS_PER_S; `time_delay` between rows. */
struct advice_totals advice_total(const struct rows *rows, const struct settings *settings);

/* The same guess for one row, in seconds. */
double advice_row_seconds(const struct row *row);

#define ADVICE_TTFT_S       0.5
#define ADVICE_TOKENS_PER_S 100.0

#endif
