#include "stats/batches.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

static int by_end(const void *a, const void *b)
{
    const struct batch_member *x = *(struct batch_member *const *)a;
    const struct batch_member *y = *(struct batch_member *const *)b;

    if (x->done_ns != y->done_ns)
        return (x->done_ns > y->done_ns) - (x->done_ns < y->done_ns);
    return (x > y) - (x < y); /* start order, so that the same input gives the same batches */
}

static double power_of_two_for(size_t requests)
{
    double size = 1;

    while (size < (double)requests)
        size *= 2;
    return size;
}

/* --- Of each request -------------------------------------------------------------------------- */

static void find_groups(struct batch_member *members, size_t count)
{
    struct batch_member **kept = memory_new(count, sizeof *kept);
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isnan(members[i].server_ttft_s))
            kept[found++] = &members[i];
    }
    if (found > 0)
        qsort(kept, found, sizeof *kept, by_end);
    for (size_t from = 0, to; from < found; from = to) {
        for (to = from + 1; to < found; to++) {
            if (kept[to]->server_ttft_s != kept[from]->server_ttft_s)
                break;
        }
        for (size_t i = from; i < to; i++)
            kept[i]->size = power_of_two_for(to - from);
    }
    free(kept);
}

bool batches_find(struct batch_member *members, size_t count)
{
    size_t reported = 0;

    for (size_t i = 0; i < count; i++) {
        reported += !isnan(members[i].reported);
        members[i].size = NAN;
    }
    if (reported < count || count == 0) {
        find_groups(members, count);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        members[i].size = members[i].reported;
    return true;
}

/* --- Of a step -------------------------------------------------------------------------------- */

/* Adds a request to the size's count, keeping the sizes ascending. */
static void add(struct step *step, double size)
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
    step->batch[at].requests++;
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
    struct batch_member *members = memory_new(count, sizeof *members);
    size_t completed = 0;

    for (size_t i = 0; i < count; i++) {
        const double *value = outcomes[i].figures.value;

        if (outcomes[i].end == REQUEST_COMPLETED)
            members[completed++] =
                (struct batch_member){.done_ns = outcomes[i].done_ns,
                                      .reported = value[METRIC_BATCH_SIZE_USED],
                                      .server_ttft_s = value[METRIC_SERVER_TTFT_S]};
    }
    step->batches = 0;
    step->batches_from_server = batches_find(members, completed);
    for (size_t i = 0; i < completed; i++) {
        if (!isnan(members[i].size))
            add(step, members[i].size);
    }
    step->representative_batch_size = representative(step, step->completed);
    free(members);
}
