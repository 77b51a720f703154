#include "report/completed.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"

struct completed_kept *completed_add(struct completed *completed, const struct outcome *outcome,
                                     size_t line)
{
    size_t at = completed->count++;
    struct completed_kept *kept;

    completed->member = memory_grow(completed->member, at, sizeof *completed->member);
    completed->kept = memory_grow(completed->kept, at, sizeof *completed->kept);
    completed->member[at] = batches_member(outcome);
    kept = &completed->kept[at];
    kept->line = line;
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++)
            kept->value[source][figure] = outcome->figures.value[batch_metrics[source][figure]];
    }
    return kept;
}

/* One order for sizes: ascending, the unknown last. */
static double rank_of(double size)
{
    return isnan(size) ? INFINITY : size;
}

/* A completed request in the order of batch sizes. */
struct sized {
    double rank;
    size_t at; /* in member and kept */
};

static int by_size(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;
    int order = (x->rank > y->rank) - (x->rank < y->rank);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* How many requests were in the batch of a completed one. A batch that no TTFT shows was full, as
 * far as the row kept so many in flight. */
static double in_batch_of(const struct completed *completed, const struct row *row,
                          const size_t *in_batch, size_t at)
{
    const struct batch_member *member = &completed->member[at];
    double in_flight = (double)row->concurrent_requests;

    if (member->batch != SIZE_MAX)
        return (double)in_batch[member->batch];
    return in_flight > 0 ? fmin(member->size, in_flight) : member->size;
}

static void find_batches(struct completed *completed, const struct row *row)
{
    size_t *in_batch = memory_new(completed->count, sizeof *in_batch);

    batches_find(completed->member, completed->count);
    for (size_t i = 0; i < completed->count; i++) {
        if (completed->member[i].batch != SIZE_MAX)
            in_batch[completed->member[i].batch]++;
    }
    for (size_t i = 0; i < completed->count; i++)
        completed->kept[i].share = 1 / in_batch_of(completed, row, in_batch, i);
    free(in_batch);
}

/* Figures of the batch whose `batch->requests` requests `sized` begins with. */
static void fill_batch(const struct completed *completed, struct batch_figures *batch,
                       const struct sized *sized, double *values)
{
    double batches = 0;

    for (size_t i = 0; i < batch->requests; i++)
        batches += completed->kept[sized[i].at].share;
    batch->together = isnan(batch->size) ? NAN : (double)batch->requests / batches;
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++) {
            size_t count = 0;

            for (size_t i = 0; i < batch->requests; i++) {
                double value = completed->kept[sized[i].at].value[source][figure];

                if (!isnan(value))
                    values[count++] = value;
            }
            batch->figure[source][figure] = range_of(values, count);
        }
        batch->throughput[source] = batch->together * batch->figure[source][BATCH_OUTPUT_SPEED].p50;
    }
}

/* Adds the batch that `sized`, of `left` requests, begins with; returns how many are in it. */
static size_t add_batch(const struct completed *completed, struct step_detail *step,
                        const struct sized *sized, size_t left, double *values)
{
    struct batch_figures batch = {.size = completed->member[sized[0].at].size};

    while (batch.requests < left && sized[batch.requests].rank == sized[0].rank)
        batch.requests++;
    fill_batch(completed, &batch, sized, values);
    step->batch = memory_grow(step->batch, step->batches, sizeof *step->batch);
    step->batch[step->batches++] = batch;
    return batch.requests;
}

/* Sorted once, since a pass over all requests for each size takes too long where sizes are many. */
void completed_conclude(struct completed *completed, struct step_detail *step)
{
    size_t count = completed->count;
    double *values = memory_new(count, sizeof *values);
    struct sized *sized = memory_new(count, sizeof *sized);

    find_batches(completed, &step->step->row);
    for (size_t i = 0; i < count; i++) {
        sized[i] = (struct sized){rank_of(completed->member[i].size), i};
        if (completed->kept[i].line < step->lines)
            step->line[completed->kept[i].line].batch_size = completed->member[i].size;
    }
    if (count > 0)
        qsort(sized, count, sizeof *sized, by_size);
    for (size_t i = 0; i < count;)
        i += add_batch(completed, step, &sized[i], count - i, values);
    free(sized);
    free(values);
    completed->count = 0;
}

void completed_clear(struct completed *completed)
{
    free(completed->member);
    free(completed->kept);
    *completed = (struct completed){0};
}
