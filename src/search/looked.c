#include "search/looked.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static void make_room(struct looked *looked, size_t index)
{
    while (index >= looked->room) {
        size_t room = looked->room ? 2 * looked->room : 256;

        looked->call = memory_resize(looked->call, room, sizeof *looked->call);
        looked->ended = memory_resize(looked->ended, room, sizeof *looked->ended);
        memset(looked->ended + looked->room, 0, (room - looked->room) * sizeof *looked->ended);
        looked->room = room;
    }
}

void looked_add(struct looked *looked, size_t index, const struct trial_call *call)
{
    make_room(looked, index);
    looked->call[index] = *call;
    looked->ended[index] = true;
    if (index >= looked->count)
        looked->count = index + 1;
    while (looked->whole < looked->count && looked->ended[looked->whole])
        looked->whole++;
}

/* The moment before which all have ended, of every member: a member's next request may have been
 * sent at any moment behind its last that is known. A row alone has its requests in order. */
static double known_until(const struct looked *member, size_t members)
{
    double until_s = INFINITY;

    for (size_t i = 0; i < members && members > 1; i++)
        until_s = fmin(until_s, member[i].whole > 0 ? member[i].call[member[i].whole - 1].sent_s
                                                    : -INFINITY);
    return until_s;
}

static int by_moment(const void *a, const void *b)
{
    const struct trial_call *x = a, *y = b;

    return (x->sent_s > y->sent_s) - (x->sent_s < y->sent_s);
}

struct trial_call *looked_join(const struct looked *member, size_t members, bool all, size_t *count)
{
    double until_s = all ? INFINITY : known_until(member, members);
    size_t most = 0;
    struct trial_call *call;

    for (size_t i = 0; i < members; i++)
        most += member[i].count;
    call = memory_new(most, sizeof *call);
    *count = 0;
    for (size_t i = 0; i < members; i++) {
        size_t end = all ? member[i].count : member[i].whole;

        for (size_t k = 0; k < end; k++) {
            if (member[i].ended[k] && member[i].call[k].sent_s <= until_s)
                call[(*count)++] = member[i].call[k];
        }
    }
    if (members > 1 && *count > 0)
        qsort(call, *count, sizeof *call, by_moment);
    return call;
}

size_t looked_whole(const struct looked *member, size_t members)
{
    size_t whole = 0;

    for (size_t i = 0; i < members; i++)
        whole += member[i].whole;
    return whole;
}

void looked_clear(struct looked *looked)
{
    free(looked->call);
    free(looked->ended);
    *looked = (struct looked){0};
}
