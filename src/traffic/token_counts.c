#include "traffic/token_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { ROOM_LEAST = 4096 };

static void make_room(struct token_counts *counts, size_t wanted)
{
    size_t room = counts->room ? counts->room : ROOM_LEAST;

    while (room < wanted)
        room *= 2;
    if (room == counts->room)
        return;
    counts->times = memory_resize(counts->times, room, sizeof *counts->times);
    memset(counts->times + counts->room, 0, (room - counts->room) * sizeof *counts->times);
    counts->room = room;
}

void token_counts_add(struct token_counts *counts, int64_t tokens)
{
    make_room(counts, (size_t)tokens + 1);
    counts->times[tokens]++;
    if (counts->count == 0 || tokens < counts->least)
        counts->least = tokens;
    if (counts->count == 0 || tokens > counts->most)
        counts->most = tokens;
    counts->sum += (double)tokens;
    counts->count++;
}

/* The value of that rank, from 0, in ascending order. */
static double at_rank(const struct token_counts *counts, size_t rank)
{
    size_t below = 0, length = (size_t)counts->least;

    while (below + counts->times[length] <= rank)
        below += counts->times[length++];
    return (double)length;
}

double token_counts_quantile(const struct token_counts *counts, double share)
{
    double rank = share * (double)(counts->count - 1), low;
    size_t below = (size_t)rank;

    if (counts->count == 0)
        return NAN;
    low = at_rank(counts, below);
    if (below + 1 == counts->count)
        return low;
    return low + (rank - floor(rank)) * (at_rank(counts, below + 1) - low);
}

void token_counts_clear(struct token_counts *counts)
{
    free(counts->times);
    *counts = (struct token_counts){0};
}
