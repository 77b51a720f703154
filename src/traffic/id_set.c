#include "traffic/id_set.h"

#include <stdlib.h>

#include "core/memory.h"

enum { ROOM_LEAST = 64, PAGE_BITS = 6 };

/* Stafford's mix 13 (the finaliser of splitmix64): neighbours land apart. */
static size_t place_of(const struct id_set *set, uint64_t page)
{
    page = (page ^ page >> 30) * 0xbf58476d1ce4e5b9u;
    page = (page ^ page >> 27) * 0x94d049bb133111ebu;
    return (size_t)(page ^ page >> 31) & (set->room - 1);
}

/* The page's entry, or the free one where it belongs. */
static struct id_set_entry *find(const struct id_set *set, uint64_t page)
{
    size_t at = place_of(set, page);

    while (set->entry[at].bits && set->entry[at].page != page)
        at = (at + 1) & (set->room - 1);
    return &set->entry[at];
}

static void grow(struct id_set *set)
{
    struct id_set old = *set;

    set->room = old.room ? 2 * old.room : ROOM_LEAST;
    set->entry = memory_new(set->room, sizeof *set->entry);
    for (size_t i = 0; i < old.room; i++) {
        if (old.entry[i].bits)
            *find(set, old.entry[i].page) = old.entry[i];
    }
    free(old.entry);
}

/* So that an entry in four stays free. */
static bool is_crowded(const struct id_set *set)
{
    return set->used + 1 > set->room / 4 * 3;
}

bool id_set_add(struct id_set *set, uint64_t id)
{
    const uint64_t bit = UINT64_C(1) << (id & 63);
    struct id_set_entry *entry;

    if (is_crowded(set) && set->room < ID_SET_ENTRIES_MOST)
        grow(set);
    entry = find(set, id >> PAGE_BITS);
    if (entry->bits & bit)
        return false;
    if (!entry->bits && is_crowded(set)) {
        set->full = true;
        return false;
    }
    set->used += entry->bits == 0;
    entry->page = id >> PAGE_BITS;
    entry->bits |= bit;
    set->count++;
    return true;
}

void id_set_clear(struct id_set *set)
{
    free(set->entry);
    *set = (struct id_set){0};
}
