#include "plan/sweep_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/word.h"
#include "plan/sweep.h"

/* What the last of a grid may miss its end by: sums and products of decimal fractions do. */
static const double slack = 1e-9;

/* "1..64*2": from, to, and a factor or what is added. */
struct span {
    double from, to, step;
    bool times;
};

static bool take_number(const char *begin, size_t length, double *number)
{
    char *word = memory_bytes(begin, length);
    bool done = word_number(word, number);

    free(word);
    return done;
}

static bool read_span(const char *text, struct span *span)
{
    const char *dots = strstr(text, ".."), *step = dots ? strpbrk(dots + 2, "*+") : NULL;

    if (!step)
        return false;
    span->times = *step == '*';
    return take_number(text, (size_t)(dots - text), &span->from) &&
           take_number(dots + 2, (size_t)(step - dots - 2), &span->to) &&
           word_number(step + 1, &span->step);
}

static bool is_rising(const struct span *span, double most)
{
    return span->from > 0 && span->from <= span->to && span->to <= most &&
           span->step > (span->times ? 1 : 0);
}

static void add_load(struct sweep_grid *grid, double load)
{
    if (!grid->open_loop)
        load = round(load);
    if (grid->count > 0 && load <= grid->load[grid->count - 1])
        return;
    grid->load = memory_grow(grid->load, grid->count, sizeof *grid->load);
    grid->load[grid->count++] = load;
}

static bool fill(const struct span *span, struct sweep_grid *grid, struct error *error)
{
    double load = span->from;

    for (size_t i = 0; load <= span->to * (1 + slack); i++) {
        if (i == SWEEP_GRID_MOST)
            return error_set(error, "has more than %d loads; take larger steps", SWEEP_GRID_MOST);
        add_load(grid, load);
        load = span->times ? span->from * pow(span->step, (double)(i + 1))
                           : span->from + span->step * (double)(i + 1);
    }
    return true;
}

bool sweep_grid_read(const char *text, struct sweep_grid *grid, struct error *error)
{
    static const char *const columns[] = {"concurrent_requests=", "qps="};
    const char *span_text = NULL;
    struct span span;

    for (int i = 0; i < 2 && !span_text; i++) {
        if (strncmp(text, columns[i], strlen(columns[i])) == 0) {
            grid->open_loop = i == 1;
            span_text = text + strlen(columns[i]);
        }
    }
    if (!span_text || !read_span(span_text, &span))
        return error_set(error,
                         "'%.60s' is not a column and a range of loads, such as qps=1..64*2 or "
                         "concurrent_requests=4..16+4",
                         text);
    if (!is_rising(&span, grid->open_loop ? 1e6 : (double)SWEEP_CONCURRENCY_MOST) ||
        (!grid->open_loop && span.from < 1))
        return error_set(error,
                         "'%.60s' does not rise from a load above 0: the second is the higher, a "
                         "factor is above 1",
                         text);
    return fill(&span, grid, error);
}

void sweep_grid_clear(struct sweep_grid *grid)
{
    free(grid->load);
    *grid = (struct sweep_grid){0};
}
