/* Gaps between a row's chunks, and the same by the tokens that each brought, where the server
 * counts in every chunk (`ask_usage: each`): a chunk of four tokens after 80 ms is 20 ms a token.
 */
#ifndef STATS_TOKEN_GAPS_H
#define STATS_TOKEN_GAPS_H

#include <stddef.h>

#include "record/request.h"
#include "stats/bounds.h"

enum { TOKEN_GAPS_MOST = 1 << 22 };

/* Zeroed: empty. Holds every gap by tokens up to TOKEN_GAPS_MOST; past that every second, fourth …
 * of all, so that a row of any length needs no more room. */
struct token_gaps {
    struct bounds chunk; /* gaps between chunks, all of them */
    double *low, *high;  /* s per token, `count` of them; owned */
    size_t count;
    size_t seen;    /* gaps, … */
    size_t skipped; /* … and how many of them lie between two that are kept */
};

/* Adds those of a completed request, each with its bounds: the time between two chunks; and where
 * the server counted, the time between two arrivals ÷ the tokens that it counted between them.
 * Chunks of one read are one arrival, their last. A gap with a count missing at either end, or
 * without a token between, adds nothing. */
void token_gaps_add(struct token_gaps *gaps, const struct request *request);

/* What a summary tells of those by tokens, and of those between chunks; sorts them. */
struct metric_summary token_gaps_summary(struct token_gaps *gaps, struct metric_bounds *bounds);
struct metric_summary token_gaps_of_chunks(const struct token_gaps *gaps,
                                           struct metric_bounds *bounds);

void token_gaps_clear(struct token_gaps *gaps);

#endif
