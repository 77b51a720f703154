#include "stats/retries.h"

#include <stdlib.h>

#include "core/memory.h"

/* The number of the last attempt at each request, by its index; NULL where none was sent twice. */
static int *last_attempts(const struct outcome *outcomes, size_t count)
{
    size_t requests = 0;
    bool again = false;
    int *last;

    for (size_t i = 0; i < count; i++) {
        again |= outcomes[i].attempt > 1;
        requests = outcomes[i].index >= requests ? outcomes[i].index + 1 : requests;
    }
    if (!again)
        return NULL;
    last = memory_new(requests, sizeof *last);
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i].attempt > last[outcomes[i].index])
            last[outcomes[i].index] = outcomes[i].attempt;
    }
    return last;
}

size_t retries_mark(struct outcome *outcomes, size_t count)
{
    int *last = last_attempts(outcomes, count);
    size_t retried = 0;

    for (size_t i = 0; i < count; i++) {
        outcomes[i].retried = last && outcomes[i].attempt < last[outcomes[i].index];
        retried += outcomes[i].retried;
    }
    free(last);
    return retried;
}

size_t retries_last(const struct outcome *outcomes, size_t count, struct outcome *last)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!outcomes[i].retried)
            last[kept++] = outcomes[i];
    }
    return kept;
}
