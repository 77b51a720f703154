#include "load/places.h"

#include <stdlib.h>
#include <sys/eventfd.h>

#include "core/memory.h"

void places_init(struct places *places, size_t places_in_all, const struct portion *portion,
                 const double *share, size_t members, size_t requests, uint64_t seed, uint64_t step)
{
    *places = (struct places){.places = portion_count(portion, places_in_all),
                              .portion = *portion,
                              .next = portion_next(portion, 0),
                              .requests = requests ? requests : SIZE_MAX,
                              .line = memory_new(members, sizeof *places->line)};
    pthread_mutex_init(&places->lock, NULL);
    member_draw_init(&places->draw, share, members, seed, step);
    for (size_t i = 0; i < members; i++)
        places->line[i].freed_ns = memory_new(places->places, sizeof *places->line[i].freed_ns);
}

void places_count(const struct places *places, size_t requests, size_t *of_member)
{
    for (size_t i = 0; i < places->draw.members; i++)
        of_member[i] = 0;
    for (size_t k = 0; k < requests; k++)
        of_member[member_draw_at(&places->draw, k)]++;
}

size_t places_at_start(const struct places *places, size_t member)
{
    size_t own = 0;

    for (size_t i = 0; i < places->places; i++) {
        size_t k = portion_index(&places->portion, i);

        own += k < places->requests && member_draw_at(&places->draw, k) == member;
    }
    return own;
}

void places_join(struct places *places, size_t member, const int *wake, size_t wakes)
{
    pthread_mutex_lock(&places->lock);
    places->line[member].wake = wake;
    places->line[member].wakes = wakes;
    pthread_mutex_unlock(&places->lock);
}

static bool all_ended(const struct places *places)
{
    for (size_t i = 0; i < places->draw.members; i++) {
        if (!places->line[i].ended)
            return false;
    }
    return true;
}

/* Under the lock. Nobody gets the place where no request is left. */
static void give(struct places *places, int64_t at_ns)
{
    struct places_line *line;

    if (all_ended(places))
        return;
    do {
        if (places->next >= places->requests)
            return;
        line = &places->line[member_draw_at(&places->draw, places->next)];
        places->next = portion_next(&places->portion, places->next + 1);
    } while (line->ended);
    line->freed_ns[(line->at + line->count++) % places->places] = at_ns;
    for (size_t i = 0; i < line->wakes; i++)
        eventfd_write(line->wake[i], 1);
}

void places_open(struct places *places, int64_t at_ns)
{
    pthread_mutex_lock(&places->lock);
    for (size_t i = 0; i < places->places && !places->open; i++)
        give(places, at_ns);
    places->open = true;
    pthread_mutex_unlock(&places->lock);
}

bool places_take(struct places *places, size_t member, int64_t *freed_ns)
{
    struct places_line *line = &places->line[member];
    bool taken;

    pthread_mutex_lock(&places->lock);
    taken = line->count > 0;
    if (taken) {
        *freed_ns = line->freed_ns[line->at];
        line->at = (line->at + 1) % places->places;
        line->count--;
    }
    pthread_mutex_unlock(&places->lock);
    return taken;
}

void places_give(struct places *places, int64_t at_ns)
{
    pthread_mutex_lock(&places->lock);
    give(places, at_ns);
    pthread_mutex_unlock(&places->lock);
}

void places_leave(struct places *places, size_t member, int64_t at_ns)
{
    struct places_line *line = &places->line[member];

    pthread_mutex_lock(&places->lock);
    line->ended = true;
    line->wakes = 0;
    for (; line->count > 0; line->count--)
        give(places, at_ns);
    pthread_mutex_unlock(&places->lock);
}

void places_clear(struct places *places)
{
    for (size_t i = 0; i < places->draw.members; i++)
        free(places->line[i].freed_ns);
    free(places->line);
    member_draw_clear(&places->draw);
    pthread_mutex_destroy(&places->lock);
    *places = (struct places){0};
}
