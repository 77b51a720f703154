#include "load/thinking.h"

#include <stdlib.h>

#include "core/memory.h"

static void swap(struct thought *a, struct thought *b)
{
    struct thought kept = *a;

    *a = *b;
    *b = kept;
}

void thinking_add(struct thinking *thinking, int64_t due_ns, struct transfer *transfer)
{
    size_t at = thinking->count;

    if (at == thinking->room) {
        thinking->room = thinking->room ? 2 * thinking->room : 16;
        thinking->thought =
            memory_resize(thinking->thought, thinking->room, sizeof *thinking->thought);
    }
    thinking->thought[thinking->count++] = (struct thought){due_ns, transfer};
    for (; at > 0 && thinking->thought[(at - 1) / 2].due_ns > due_ns; at = (at - 1) / 2)
        swap(&thinking->thought[at], &thinking->thought[(at - 1) / 2]);
}

const struct thought *thinking_first(const struct thinking *thinking)
{
    return &thinking->thought[0];
}

/* The one of the three at `at` and below it that is due first. */
static size_t first_of(const struct thinking *thinking, size_t at)
{
    size_t first = at;

    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < thinking->count; child++) {
        if (thinking->thought[child].due_ns < thinking->thought[first].due_ns)
            first = child;
    }
    return first;
}

struct transfer *thinking_take(struct thinking *thinking)
{
    struct transfer *transfer = thinking->thought[0].transfer;
    size_t at = 0, first;

    thinking->thought[0] = thinking->thought[--thinking->count];
    while ((first = first_of(thinking, at)) != at) {
        swap(&thinking->thought[at], &thinking->thought[first]);
        at = first;
    }
    return transfer;
}

void thinking_clear(struct thinking *thinking)
{
    free(thinking->thought);
    *thinking = (struct thinking){0};
}
