/* What the server cut of a row: prompts to its context, which it counts as what it kept, and
 * responses where prompt and response reach the context. Also prompts whose length nobody
 * confirmed. Zeroed: nothing was seen. */
#ifndef STATS_CUTTING_H
#define STATS_CUTTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/request.h"
#include "record/step.h"

struct cutting {
    size_t counted;    /* completed requests whose prompt is made to a length, and was counted */
    int64_t first;     /* what was counted of the first, and … */
    size_t same;       /* … of how many the same */
    size_t low;        /* counted below their own words, and below what was asked */
    int64_t low_count; /* what was counted of these; −1: unlike numbers */
    size_t short_responses; /* that ended by `length` before the tokens asked for */
    int64_t *total;         /* prompt and response of each, in tokens; owned */
};

/* Takes in a completed request, in any order. */
void cutting_note(struct cutting *cutting, const struct request *request);

/* Whether several prompts, at least one of them below its own words, counted the same number below
 * the one asked: what the server counted is its context, and no prompt's length. */
bool cutting_of_prompts(const struct cutting *cutting);

/* Puts into `fidelity` how many prompts and responses were cut. `context` is what the model takes,
 * in tokens; 0: not known, and then no response is called cut by it. */
void cutting_conclude(const struct cutting *cutting, int64_t context, struct fidelity *fidelity);

void cutting_clear(struct cutting *cutting);

#endif
