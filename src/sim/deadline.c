#include "sim/deadline.h"

#include <stdlib.h>

#include "core/memory.h"

static void set(struct deadlines *deadlines, size_t place, struct deadline *deadline)
{
    deadlines->heap[place - 1] = deadline;
    deadline->place = place;
}

static struct deadline *get(const struct deadlines *deadlines, size_t place)
{
    return deadlines->heap[place - 1];
}

/* Moves the deadline to where its moment belongs, from a place that is free. */
static void settle(struct deadlines *deadlines, size_t place, struct deadline *deadline)
{
    while (place > 1 && get(deadlines, place / 2)->due_ns > deadline->due_ns) {
        set(deadlines, place, get(deadlines, place / 2));
        place /= 2;
    }
    while (2 * place <= deadlines->count) {
        size_t child = 2 * place;

        if (child < deadlines->count &&
            get(deadlines, child + 1)->due_ns < get(deadlines, child)->due_ns)
            child++;
        if (get(deadlines, child)->due_ns >= deadline->due_ns)
            break;
        set(deadlines, place, get(deadlines, child));
        place = child;
    }
    set(deadlines, place, deadline);
}

void deadlines_put(struct deadlines *deadlines, struct deadline *deadline, int64_t due_ns)
{
    deadline->due_ns = due_ns;
    if (deadline->place == 0) {
        if (deadlines->count == deadlines->room) {
            deadlines->room = deadlines->room ? 2 * deadlines->room : 64;
            deadlines->heap =
                memory_resize(deadlines->heap, deadlines->room, sizeof(struct deadline *));
        }
        set(deadlines, ++deadlines->count, deadline);
    }
    settle(deadlines, deadline->place, deadline);
}

void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline)
{
    size_t place = deadline->place;
    struct deadline *last;

    if (place == 0)
        return;
    last = get(deadlines, deadlines->count--);
    deadline->place = 0;
    if (last != deadline)
        settle(deadlines, place, last);
}

struct deadline *deadlines_first(const struct deadlines *deadlines)
{
    return deadlines->count ? deadlines->heap[0] : NULL;
}

void deadlines_clear(struct deadlines *deadlines)
{
    free(deadlines->heap);
    *deadlines = (struct deadlines){0};
}
