#include "traffic/superposition.h"

#include <stdlib.h>

#include "core/memory.h"
#include "traffic/arrivals.h"

static bool is_before(const struct superposed *a, const struct superposed *b)
{
    return a->at_s < b->at_s || (a->at_s == b->at_s && a->member < b->member);
}

static void swap(struct superposed *a, struct superposed *b)
{
    struct superposed kept = *a;

    *a = *b;
    *b = kept;
}

static void sift_up(struct superposition *superposition, size_t i)
{
    struct superposed *heap = superposition->heap;

    for (; i > 0 && is_before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&heap[i], &heap[(i - 1) / 2]);
}

static void sift_down(struct superposition *superposition)
{
    struct superposed *heap = superposition->heap;
    size_t i = 0, child;

    while ((child = 2 * i + 1) < superposition->count) {
        if (child + 1 < superposition->count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &heap[i]))
            return;
        swap(&heap[child], &heap[i]);
        i = child;
    }
}

static bool ask(const struct superposition *superposition, size_t member, double *at_s)
{
    const struct superposition_member *one = &superposition->member[member];

    return one->next(one->context, at_s);
}

void superposition_init(struct superposition *superposition,
                        const struct superposition_member *member, size_t members)
{
    *superposition = (struct superposition){
        .member = member, .heap = memory_new(members, sizeof *superposition->heap)};
    for (size_t i = 0; i < members; i++) {
        struct superposed *last = &superposition->heap[superposition->count];

        last->member = i;
        if (ask(superposition, i, &last->at_s))
            sift_up(superposition, superposition->count++);
    }
}

size_t superposition_fill(struct superposition *superposition, struct superposed *to, size_t count)
{
    struct superposed *first = superposition->heap;
    size_t done = 0;

    for (; done < count && superposition->count > 0; done++) {
        to[done] = *first;
        if (!ask(superposition, first->member, &first->at_s))
            *first = superposition->heap[--superposition->count];
        sift_down(superposition);
    }
    return done;
}

void superposition_clear(struct superposition *superposition)
{
    free(superposition->heap);
    *superposition = (struct superposition){0};
}

static bool next_arrival(void *context, double *at_s)
{
    arrivals_fill(context, at_s, 1);
    return true;
}

struct superposition_member superposition_of(struct arrivals *arrivals)
{
    return (struct superposition_member){arrivals, next_arrival};
}
