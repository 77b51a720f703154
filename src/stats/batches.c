#include "stats/batches.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

static int by_end(const void *a, const void *b)
{
    const struct outcome *x = *(const struct outcome *const *)a;
    const struct outcome *y = *(const struct outcome *const *)b;

    if (x->done_ns != y->done_ns)
        return (x->done_ns > y->done_ns) - (x->done_ns < y->done_ns);
    return (x > y) - (x < y); /* start order, so that the same input gives the same batches */
}

static size_t collect(const struct outcome *outcomes, size_t count, enum metric metric,
                      const struct outcome **kept)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (outcomes[i].end == REQUEST_COMPLETED && !isnan(outcomes[i].figures.value[metric]))
            kept[n++] = &outcomes[i];
    }
    return n;
}

static double power_of_two_for(size_t requests)
{
    double size = 1;

    while (size < (double)requests)
        size *= 2;
    return size;
}

/* Adds requests to the size's count, keeping the sizes ascending. */
static void add(struct step *step, double size, size_t requests)
{
    size_t at = 0;

    while (at < step->batches && step->batch[at].size < size)
        at++;
    if (at == step->batches || step->batch[at].size != size) {
        step->batch = memory_grow(step->batch, step->batches, sizeof *step->batch);
        for (size_t i = step->batches++; i > at; i--)
            step->batch[i] = step->batch[i - 1];
        step->batch[at] = (struct batch_count){.size = size};
    }
    step->batch[at].requests += requests;
}

static void count_reported(const struct outcome **kept, size_t count, struct step *step)
{
    step->batches_from_server = true;
    for (size_t i = 0; i < count; i++)
        add(step, kept[i]->figures.value[METRIC_BATCH_SIZE_USED], 1);
}

static void count_groups(const struct outcome **kept, size_t count, struct step *step)
{
    qsort(kept, count, sizeof *kept, by_end);
    for (size_t from = 0, to; from < count; from = to) {
        double ttft = kept[from]->figures.value[METRIC_SERVER_TTFT_S];

        for (to = from + 1; to < count; to++) {
            if (kept[to]->figures.value[METRIC_SERVER_TTFT_S] != ttft)
                break;
        }
        add(step, power_of_two_for(to - from), to - from);
    }
}

static double representative(const struct step *step, size_t completed)
{
    for (size_t i = 0; i < step->batches; i++) {
        if (step->batch[i].requests * 2 > completed)
            return step->batch[i].size;
    }
    return NAN;
}

void batches_count(const struct outcome *outcomes, size_t count, struct step *step)
{
    const struct outcome **kept = memory_new(count, sizeof *kept);
    size_t reported = collect(outcomes, count, METRIC_BATCH_SIZE_USED, kept);

    step->batches = 0;
    step->batches_from_server = false;
    if (reported > 0 && reported == step->completed)
        count_reported(kept, reported, step);
    else
        count_groups(kept, collect(outcomes, count, METRIC_SERVER_TTFT_S, kept), step);
    step->representative_batch_size = representative(step, step->completed);
    free(kept);
}
