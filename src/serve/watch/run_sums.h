/* What a run has come to so far, as who watches it is told: each step's sums, the whole run's over
 * time, and its failures by kind, all from the lines of its journal, one after another. What has
 * changed since an earlier moment is known, so that nobody is told anything twice.
 *
 * Time has at most SUMS_POINTS points: where a run lasts longer, two become one. A request stands
 * at its end; its output tokens are spread evenly from its first token to its end. Times are those
 * of the machine that ran (wall clock). Not locked: the caller sees to that. */
#ifndef SERVE_WATCH_RUN_SUMS_H
#define SERVE_WATCH_RUN_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serve/watch/journal_line.h"

enum { SUMS_POINTS = 600, SUMS_KINDS = 32 };

struct step_sums {
    char *name;       /* owned; NULL: it has not begun */
    char *ended;      /* how: "done", "interrupted" …; owned; NULL: it has not */
    size_t attempts;  /* how often it has begun */
    size_t completed; /* requests of its load, and of these … */
    size_t failed;
    size_t resent;        /* attempts that failed and were sent again */
    size_t besides;       /* requests of probe, warm-up and cool-down that have ended */
    double output_tokens; /* of those that completed */
    double ttft_sum_s;    /* of `ttfts` of them */
    size_t ttfts;
    int64_t first_us, last_us;         /* their first start and last end; 0: none */
    size_t *failures;                  /* by kind, SUMS_KINDS; NULL: none; owned */
    uint64_t began, finished, changed; /* the turns in which that last happened; 0: never */
};

struct sums_point {
    size_t completed, failed, ttfts;
    double output_tokens, ttft_sum_s, ttft_most_s;
    uint64_t changed;
};

struct run_sums {
    uint64_t turn; /* counts from 1: what happens from now on is of this turn */
    struct step_sums *step;
    size_t steps, room; /* up to the last that has begun */
    size_t completed, failed;
    char kind[SUMS_KINDS][JOURNAL_WORD]; /* failures' words; the last stands for all others */
    size_t kind_count[SUMS_KINDS], kinds;
    uint64_t kinds_changed;
    struct sums_point point[SUMS_POINTS];
    size_t points;
    int64_t origin_us; /* when the first point begins; 0: there is none */
    int64_t width_us;  /* of a point */
};

void run_sums_init(struct run_sums *sums);

/* Takes in what a line says; one that says nothing changes nothing. */
void run_sums_take(struct run_sums *sums, const struct journal_line *line);

void run_sums_clear(struct run_sums *sums);

#endif
