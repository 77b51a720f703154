/* What can be known about a plan before anything is sent: what it amounts to, and what will not
 * work as its author may think. */
#ifndef PLAN_ADVICE_H
#define PLAN_ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "plan/order.h"
#include "plan/rows.h"
#include "plan/settings.h"

/* Adds warnings, with file and line: one for all rows that are warm-ups by the starter kit's habit,
 * of one wave with a longer row of the same model, lengths and concurrency behind them; for rows
 * that cannot show a switch (closed loop with no request after its first wave), unless they are
 * probed; and for rows that repeat an earlier one. Of up to three rows each is named, of more all
 * in one sentence. Warm-ups may do both. */
void advice_on_rows(const struct rows *rows, const char *file, bool probed,
                    struct faults *warnings);

/* Adds one warning for all rows in which the rule cannot see a switch that a whole first wave
 * waited for, though it sees one that the first request alone did: a sweep has many. */
void advice_on_masking(const struct rows *rows, const char *file, struct faults *warnings);

/* Warns of rows that send for at least as long as `timeout_s` lets them run, which cuts them off.
 */
void advice_on_durations(const struct rows *rows, const char *file, double timeout_s,
                         struct faults *warnings);

struct advice_totals {
    int64_t requests;
    int64_t input_tokens, output_tokens;
    double seconds; /* see advice_total */
    /* Small requests that opens a connection before each open-loop request, where none is used
     * again; with connection.reuse auto they are sent only if that turns out to be so. */
    int64_t opening_requests;
};

/* The plan's sums over all its steps, probes included. Time is a guess: open loop takes
 * num_requests/qps; a row with duration_s that long, and what is in flight then; a closed loop's
 * wave takes ADVICE_TTFT_S and then output tokens at ADVICE_TOKENS_PER_S; `time_delay` between
 * steps. */
struct advice_totals advice_total(const struct rows *rows, const struct order *order,
                                  const struct settings *settings);

/* The same guess for one visit to a row, in seconds. */
double advice_step_seconds(const struct row *row, const struct settings *settings);

/* The same for the visit that begins at `begin` in the order: of rows that run together the longest
 * one's, or where they share their places all of them; no more than `timeout`. */
double advice_visit_seconds(const struct rows *rows, const struct order *order, size_t begin,
                            const struct settings *settings);

#define ADVICE_TTFT_S       0.5
#define ADVICE_TOKENS_PER_S 100.0

#endif
