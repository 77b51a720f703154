#include "plan/ranks_need.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "plan/advice.h"
#include "plan/loads.h"

/* --- A stream --------------------------------------------------------------------------------- */

/* Tokens/s of a response to the row at most; 0: not told. */
static double stream_per_s(const struct bundle *bundle, const struct row *row)
{
    struct bundle_configuration found;
    const struct bundle_speed *speed;
    double fastest;

    if (!loads_find(bundle, row->model_name, row_tokens_most(row), &found))
        return 0;
    fastest = found.tier->decode_tokens_per_s;
    speed = found.tier->speeds.items;
    for (size_t i = 0; i < found.tier->speeds.count; i++)
        fastest = fmax(fastest, speed[i].decode_tokens_per_s);
    return fastest;
}

/* --- A row ------------------------------------------------------------------------------------ */

static double turns_of(const struct row *row)
{
    return row->turns_mean > 0 ? row->turns_mean : (double)row_turns(row);
}

static double events_of(const struct row *row, double stream)
{
    double responses = fmax(row->qps, row->qps_end) * turns_of(row);
    double events = responses * (double)row->output_tokens;

    if (row->concurrent_requests > 0)
        return (double)row->concurrent_requests * stream;
    return row->max_in_flight > 0 ? fmin(events, (double)row->max_in_flight * stream) : events;
}

/* Whether the rate alone says it. */
static bool asks_for_stream(const struct row *row)
{
    return row->concurrent_requests > 0 || row->max_in_flight > 0;
}

static void add_row(struct ranks_need *need, const struct row *row, const struct bundle *bundle)
{
    double stream = stream_per_s(bundle, row);
    size_t together =
        (size_t)(row->concurrent_requests > 0 ? row->concurrent_requests : row->max_in_flight);
    double events = events_of(row, stream > 0 ? stream : ADVICE_TOKENS_PER_S);

    need->guessed |= asks_for_stream(row) && stream == 0;
    need->events_per_s =
        row->share > 0 ? fmax(need->events_per_s, events) : need->events_per_s + events;
    if (need->rows == 0 || (need->most > 0 && (together == 0 || together > need->most)))
        need->most = together;
    need->rows++;
}

static void count_ranks(struct ranks_need *need, const struct settings *settings)
{
    double threads = settings->threads > 0 ? (double)settings->threads : 1;
    double ranks = ceil(need->events_per_s / (threads * RANKS_EVENTS_PER_S));

    need->ranks = ranks > 1 ? (size_t)ranks : 1;
}

struct ranks_need ranks_need_of(const struct rows *rows, size_t index, const struct bundle *bundle,
                                const struct settings *settings)
{
    const struct row *first = &rows->row[index];
    struct ranks_need need = {.row = index};

    add_row(&need, first, bundle);
    for (size_t i = index + 1; first->mix && i < rows->count; i++) {
        if (row_same_mix(first, &rows->row[i]))
            add_row(&need, &rows->row[i], bundle);
    }
    count_ranks(&need, settings);
    return need;
}

bool ranks_need_begins(const struct rows *rows, size_t index)
{
    for (size_t i = 0; rows->row[index].mix && i < index; i++) {
        if (row_same_mix(&rows->row[i], &rows->row[index]))
            return false;
    }
    return true;
}

/* --- Rows beside each other ------------------------------------------------------------------- */

static int most_first(const void *a, const void *b)
{
    double x = ((const struct ranks_need *)a)->events_per_s;
    double y = ((const struct ranks_need *)b)->events_per_s;

    return (x < y) - (x > y);
}

struct ranks_need ranks_need_beside(const struct rows *rows, const struct bundle *bundle,
                                    const struct settings *settings)
{
    struct ranks_need *each = memory_new(rows->count, sizeof *each), all = {0};
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (ranks_need_begins(rows, i) && !rows->row[i].warmup)
            each[count++] = ranks_need_of(rows, i, bundle, settings);
    }
    qsort(each, count, sizeof *each, most_first);
    for (size_t i = 0; i < count && i < (size_t)settings->max_workers; i++) {
        all.events_per_s += each[i].events_per_s;
        all.guessed |= each[i].guessed;
    }
    count_ranks(&all, settings);
    free(each);
    return all;
}
