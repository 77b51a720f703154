/* Rows made by rule: every model at every length and concurrency, less what does not fit it.
 *
 * Of a model that a bundle file describes, the tiers and batch sizes are known, so what nobody
 * asked for follows from them: a length in each tier, and at each length its tier's batch sizes.
 * That way a sweep visits every expert configuration once. */
#ifndef PLAN_SWEEP_H
#define PLAN_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bundle.h"
#include "core/error.h"
#include "core/text.h"
#include "plan/rows.h"
#include "plan/sweep_grid.h"

/* What rows_read takes at most, and what a sweep makes at most. */
#define SWEEP_TOKENS_MOST      INT64_C(16777216)
#define SWEEP_REQUESTS_MOST    INT64_C(1000000000)
#define SWEEP_CONCURRENCY_MOST INT64_C(1000000)
#define SWEEP_SECONDS_MOST     31536000.0
enum { SWEEP_NUMBERS_MOST = 1000, SWEEP_ROWS_MOST = 100000 };

/* What is taken where neither the user nor a bundle says it. */
enum { SWEEP_INPUT_TOKENS = 1000, SWEEP_OUTPUT_TOKENS = 128, SWEEP_CONCURRENCY = 1 };
enum { SWEEP_RATE_REQUESTS = 100 /* of a row at a rate, which tell a 99th percentile */ };

struct sweep_numbers {
    int64_t *number;
    size_t count;
};

/* Reads "1,2,4": whole numbers from 1 to `most`, blanks around them or not. False with a sentence
 * for anything else. Clear `numbers` either way. */
bool sweep_numbers_read(const char *list, int64_t most, struct sweep_numbers *numbers,
                        struct error *error);
void sweep_numbers_clear(struct sweep_numbers *numbers);

/* What is asked for; an empty list, or 0 requests: the default. */
struct sweep {
    struct sweep_numbers input_tokens, output_tokens, concurrency;
    struct sweep_grid grid; /* of loads, in the place of concurrency; 0 loads: none */
    int64_t num_requests;
    double duration_s; /* 0: none; then with no requests asked for, they are left empty */
    int64_t warmup_requests, cooldown_requests;
};

void sweep_clear(struct sweep *sweep);

struct sweep_model {
    const char *name;
    int64_t context_tokens;             /* 0: not known, so everything fits */
    const struct bundle_expert *expert; /* NULL: no bundle describes it */
};

/* The rows of one model that do not fit it, with the longest of them. */
struct sweep_left_out {
    size_t rows;
    int64_t tokens, room; /* its input and output, and what they had to fit into */
};

/* Adds one model's rows, lengths outermost: input, output, concurrency. False with a sentence where
 * `rows` would hold more than SWEEP_ROWS_MOST. */
bool sweep_add_model(const struct sweep *sweep, const struct sweep_model *model, struct rows *rows,
                     struct sweep_left_out *left_out, struct error *error);

/* How many requests a row needs to show a switch: whole waves, since what is left over would run at
 * a smaller batch size and so switch once more; three of them, since only the first may wait; and
 * at least ten requests, since the rule needs some to compare the first with. */
int64_t sweep_requests(int64_t concurrency);

/* Columns that all rows have alike, and their cells, as CSV has them, each behind a comma; "" where
 * there are none. */
struct sweep_alike {
    const char *names, *cells;
};

/* Adds the header and the `rows` as CSV (formats.md, section 2; RFC 4180 quoting), with
 * the columns of section 11 that any of them asks for, and what they have alike. */
void sweep_add_csv(struct text *text, const struct rows *rows, const struct sweep_alike *alike);

#endif
