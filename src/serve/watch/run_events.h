/* A run's sums as events of a stream (HTML Standard, 9.2, "text/event-stream"): each is a line
 * "event: WORD", a line "data: JSON" and an empty line.
 *
 *   run      once, and again where the run's journal was put in another's place: what there was
 *            before is void. {"name", "endpoint", "steps", "requests"}
 *   begins   a step. {"step", "name", "attempt", "model", "input_tokens", "output_tokens",
 *            "num_requests", "duration_s", "concurrent_requests", "qps", "mix"}
 *   figures  what has changed. {"completed", "failed", "rows": [{"step", "completed", "failed",
 *            "resent", "besides", "received_output_tokens", "ttft_s", "output_token_per_s"}],
 *            "failures": {WORD: count}, "began_utc_s", "every_s", "points": [[index, completed,
 *            failed, output_tokens, ttft_s, ttft_most_s], …]}
 *   ends     a step. {"step", "how"}
 *   end      the run, and the stream. {"state"}
 *
 * A watcher that reads slowly gets the latest figures, not all that were. */
#ifndef SERVE_WATCH_RUN_EVENTS_H
#define SERVE_WATCH_RUN_EVENTS_H

#include "core/text.h"
#include "serve/watch/run_plan.h"
#include "serve/watch/run_sums.h"

/* How far a watcher is. Zeroed: at the beginning. */
struct events_place {
    uint64_t told;   /* everything up to this turn was told */
    uint64_t target; /* up to this one it is being told; 0: nothing is */
    size_t step;     /* the next one to be looked at */
    bool greeted;    /* with "run" */
};

/* Adds what comes next, some kilobytes of it, and moves on. False where there is nothing. */
bool run_events_add(const struct run_sums *sums, const struct run_plan *plan,
                    struct events_place *place, struct text *text);

/* Adds the end of a run that has ended so. */
void run_events_add_end(const char *state, struct text *text);

#endif
