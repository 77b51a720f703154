#include "stats/token_gaps.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"

/* Keeps every second of those that are kept. */
static void thin(struct token_gaps *gaps)
{
    size_t kept = 0;

    for (size_t i = 0; i < gaps->count; i += 2, kept++) {
        gaps->low[kept] = gaps->low[i];
        gaps->high[kept] = gaps->high[i];
    }
    gaps->count = kept;
    gaps->skipped = 2 * gaps->skipped + 1;
}

static void keep(struct token_gaps *gaps, double low_s, double high_s)
{
    if (gaps->seen++ % (gaps->skipped + 1) != 0)
        return;
    gaps->low = memory_grow(gaps->low, gaps->count, sizeof *gaps->low);
    gaps->high = memory_grow(gaps->high, gaps->count, sizeof *gaps->high);
    gaps->low[gaps->count] = low_s;
    gaps->high[gaps->count++] = high_s;
    if (gaps->count == TOKEN_GAPS_MOST)
        thin(gaps);
}

/* Between two chunks: as far apart as their bounds are at least, and at most. */
static int64_t least_ns(const struct chunk *from, const struct chunk *to)
{
    int64_t least = to->arrival_ns - to->early_ns - from->arrival_ns - from->late_ns;

    return least > 0 ? least : 0;
}

static int64_t most_ns(const struct chunk *from, const struct chunk *to)
{
    return to->arrival_ns + to->late_ns - from->arrival_ns + from->early_ns;
}

static void add(struct token_gaps *gaps, const struct chunk *from, const struct chunk *to)
{
    double tokens = (double)to->tokens_so_far - from->tokens_so_far;

    if (from->tokens_so_far > 0 && tokens > 0)
        keep(gaps, clock_seconds(0, least_ns(from, to)) / tokens,
             clock_seconds(0, most_ns(from, to)) / tokens);
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

    for (size_t i = 1; i < request->chunk_count; i++)
        bounds_add(&gaps->chunk, least_ns(&request->chunks[i - 1], &request->chunks[i]),
                   most_ns(&request->chunks[i - 1], &request->chunks[i]));
    for (size_t i = 0; is_counted(request) && i < request->chunk_count; i++) {
        const struct chunk *chunk = &request->chunks[i];

        if (i + 1 < request->chunk_count && chunk[1].coalesced)
            continue;
        if (before)
            add(gaps, before, chunk);
        before = chunk;
    }
}

struct metric_summary token_gaps_summary(struct token_gaps *gaps, struct metric_bounds *bounds)
{
    return bounds_summary(gaps->low, gaps->high, gaps->count, bounds);
}

struct metric_summary token_gaps_of_chunks(const struct token_gaps *gaps,
                                           struct metric_bounds *bounds)
{
    return bounds_conclude(&gaps->chunk, bounds);
}

void token_gaps_clear(struct token_gaps *gaps)
{
    bounds_clear(&gaps->chunk);
    free(gaps->low);
    free(gaps->high);
    *gaps = (struct token_gaps){0};
}
