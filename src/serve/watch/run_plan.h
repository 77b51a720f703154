/* What a run is to do, from its manifest: which row each step is of. For who watches it. */
#ifndef SERVE_WATCH_RUN_PLAN_H
#define SERVE_WATCH_RUN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan_row {
    int64_t line; /* of the CSV */
    char *model;  /* owned; "" where it is not known */
    double input_tokens, output_tokens;
    double num_requests, duration_s, concurrent_requests, qps; /* NAN: not asked for */
    char *mix; /* its mix's name; NULL: none; owned */
};

struct run_plan {
    char *name, *status; /* as the manifest has them; "" where it is not known; owned */
    char *endpoint;      /* its address; likewise */
    struct plan_row *row;
    size_t rows;
    size_t *visit; /* by step: the number in `row`; `rows` where there is none */
    size_t steps;  /* that are planned; a study or a search may end with fewer */
};

/* Reads manifest.json in the open folder. False where it is none; then the plan is empty. Clear it
 * either way. */
bool run_plan_read(int folder, struct run_plan *plan);

/* The row of a step; NULL: not known. */
const struct plan_row *run_plan_row(const struct run_plan *plan, size_t step);

/* How many requests of their loads all steps have; 0 where some go by time. */
double run_plan_requests(const struct run_plan *plan);

void run_plan_clear(struct run_plan *plan);

#endif
