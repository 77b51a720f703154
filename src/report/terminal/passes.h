/* The steps of a study that have ended, added up by the passes of its order, so that a pass is one
 * line. */
#ifndef REPORT_TERMINAL_PASSES_H
#define REPORT_TERMINAL_PASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/order.h"
#include "record/step.h"

struct pass_sum {
    size_t steps, begun, ended;     /* that it has; that this run has begun; that have ended */
    size_t completed, failed;       /* requests */
    double ttft_low_s, ttft_high_s; /* of the steps' medians; NAN: none */
    int64_t began_ns, ended_ns;     /* monotonic: its first step, and the last that has ended */
};

struct passes {
    struct pass_sum *sum; /* by their numbers: 0 the warm-ups, 1 … count; owned */
    size_t count;         /* 0: rows are visited once, so that each has a line of its own */
};

/* Those of an order in which a row is visited more than once; of any other, and of NULL, none. */
void passes_init(struct passes *passes, const struct order *order);

/* A step begins at `now_ns`; whether it is its pass's first. */
bool passes_begin(struct passes *passes, size_t pass, int64_t now_ns);

/* A step has ended; whether all of its pass have. */
bool passes_end(struct passes *passes, const struct step *step, int64_t now_ns);

/* "pass 1 of 3: 20 steps", and of a pass whose steps have ended " in 12 s, 100 requests, none
 * failed, TTFT p50 27.8 to 453 ms"; of one that was cut off "7 of 20 steps". */
void passes_describe(const struct passes *passes, size_t pass, char *text, size_t size);

/* The first pass from `from` on of which steps have ended, but not all; SIZE_MAX: none. */
size_t passes_open(const struct passes *passes, size_t from);

void passes_clear(struct passes *passes);

#endif
