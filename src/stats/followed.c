#include "stats/followed.h"

#include <stdlib.h>

#include "core/memory.h"

struct followed followed_make(size_t units, double capacity, bool lru)
{
    struct followed followed = {.newer = memory_new(units + 1, sizeof *followed.newer),
                                .older = memory_new(units + 1, sizeof *followed.older),
                                .weight = memory_new(units, sizeof *followed.weight),
                                .units = units,
                                .capacity = capacity,
                                .lru = lru};

    followed.newer[units] = followed.older[units] = units;
    return followed;
}

/* Puts the unit between two neighbours of the ring. */
static void put(struct followed *followed, size_t unit, size_t older, size_t newer)
{
    followed->older[unit] = older;
    followed->newer[unit] = newer;
    followed->newer[older] = unit;
    followed->older[newer] = unit;
}

static void take_out(struct followed *followed, size_t unit)
{
    followed->newer[followed->older[unit]] = followed->newer[unit];
    followed->older[followed->newer[unit]] = followed->older[unit];
}

static void leave(struct followed *followed, size_t unit)
{
    take_out(followed, unit);
    followed->filled -= followed->weight[unit];
    followed->weight[unit] = 0;
}

bool followed_visit(struct followed *followed, size_t unit, double weight)
{
    size_t end = followed->units;
    bool loads = !(followed->weight[unit] > 0);

    if (!loads && !followed->lru)
        return false;
    if (!loads) {
        take_out(followed, unit);
        put(followed, unit, followed->older[end], end);
        return false;
    }
    while (followed->newer[end] != end && followed->filled + weight > followed->capacity)
        leave(followed, followed->newer[end]);
    if (followed->newer[end] == end)
        followed->filled = 0; /* without what rounding left */
    if (followed->filled + weight > followed->capacity)
        return true;
    followed->filled += weight;
    followed->weight[unit] = weight;
    put(followed, unit, followed->older[end], end);
    return true;
}

void followed_found(struct followed *followed, size_t unit, double weight)
{
    if (followed->weight[unit] > 0 || followed->filled + weight > followed->capacity)
        return;
    followed->filled += weight;
    followed->weight[unit] = weight;
    put(followed, unit, followed->units, followed->newer[followed->units]);
}

void followed_empty(struct followed *followed)
{
    while (followed->newer[followed->units] != followed->units)
        leave(followed, followed->newer[followed->units]);
    followed->filled = 0;
}

void followed_clear(struct followed *followed)
{
    free(followed->newer);
    free(followed->older);
    free(followed->weight);
    *followed = (struct followed){0};
}
