#include "stats/token_gaps.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/quantile.h"

/* Keeps every second of those that are kept. */
static void thin(struct token_gaps *gaps)
{
    size_t kept = 0;

    for (size_t i = 0; i < gaps->count; i += 2)
        gaps->value[kept++] = gaps->value[i];
    gaps->count = kept;
    gaps->skipped = 2 * gaps->skipped + 1;
}

static void keep(struct token_gaps *gaps, double value_s)
{
    if (gaps->seen++ % (gaps->skipped + 1) != 0)
        return;
    gaps->value = memory_grow(gaps->value, gaps->count, sizeof *gaps->value);
    gaps->value[gaps->count++] = value_s;
    if (gaps->count == TOKEN_GAPS_MOST)
        thin(gaps);
}

static void add(struct token_gaps *gaps, const struct chunk *from, const struct chunk *to)
{
    if (from->tokens_so_far > 0 && to->tokens_so_far > from->tokens_so_far)
        keep(gaps, clock_seconds(from->arrival_ns, to->arrival_ns) /
                       (double)(to->tokens_so_far - from->tokens_so_far));
}

/* Hardly any run asks for counts in each chunk, so that all others need a look at two. */
static bool is_counted(const struct request *request)
{
    return request->chunk_count > 1 &&
           (request->chunks[0].tokens_so_far > 0 ||
            request->chunks[request->chunk_count - 1].tokens_so_far > 0);
}

void token_gaps_add(struct token_gaps *gaps, const struct request *request)
{
    const struct chunk *before = NULL;

    for (size_t i = 0; is_counted(request) && i < request->chunk_count; i++) {
        const struct chunk *chunk = &request->chunks[i];

        if (i + 1 < request->chunk_count && chunk[1].coalesced)
            continue;
        if (before)
            add(gaps, before, chunk);
        before = chunk;
    }
}

struct metric_summary token_gaps_summary(struct token_gaps *gaps)
{
    return quantile_summary(gaps->value, gaps->count);
}

void token_gaps_clear(struct token_gaps *gaps)
{
    free(gaps->value);
    *gaps = (struct token_gaps){0};
}
