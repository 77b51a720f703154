#include "stats/retries.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/spill.h"

/* The attempts at a request beside each other, the last behind the others. */
static int compare(const void *a, const void *b)
{
    const struct outcome *x = *(struct outcome *const *)a, *y = *(struct outcome *const *)b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return (x->attempt > y->attempt) - (x->attempt < y->attempt);
}

/* Sorted rather than counted by index: in a file that is read back, that may be any number. */
static size_t mark(struct outcome *outcomes, size_t count)
{
    struct outcome **sorted = memory_new(count, sizeof *sorted);
    size_t retried = 0;

    for (size_t i = 0; i < count; i++)
        sorted[i] = &outcomes[i];
    qsort(sorted, count, sizeof *sorted, compare);
    for (size_t i = count; i-- > 1;) {
        struct outcome *before = sorted[i - 1];
        const struct outcome *behind = sorted[i];

        before->retried = before->index == behind->index &&
                          (behind->retried || before->attempt < behind->attempt);
        retried += before->retried;
    }
    free(sorted);
    return retried;
}

size_t retries_mark(struct outcome *outcomes, size_t count)
{
    bool retried = false;

    for (size_t i = 0; i < count; i++) {
        outcomes[i].retried = false;
        retried |= outcomes[i].attempt > 1;
        spill_pass(&outcomes[i], i);
    }
    return retried ? mark(outcomes, count) : 0;
}

size_t retries_last(const struct outcome *outcomes, size_t count, struct outcome *last)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!outcomes[i].retried)
            last[kept++] = outcomes[i];
        spill_pass(&outcomes[i], i);
    }
    return kept;
}
