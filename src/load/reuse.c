#include "load/reuse.h"

#include <stdio.h>

#include "core/clock.h"

const int64_t reuse_trial_ns = CLOCK_NS_PER_S / 50;

/* Why a mode holds. */
enum cause { ASKED, OUTLIVED, CLOSED, DEAD };

void reuse_init(struct reuse *reuse, enum reuse_mode asked, enum reuse_mode learned)
{
    *reuse = (struct reuse){0};
    atomic_store(&reuse->mode, asked == REUSE_AUTO ? learned : asked);
    atomic_store(&reuse->cause, asked == REUSE_AUTO && learned == REUSE_ALWAYS ? OUTLIVED : ASKED);
}

enum reuse_mode reuse_now(const struct reuse *reuse)
{
    return reuse ? (enum reuse_mode)atomic_load(&reuse->mode) : REUSE_ALWAYS;
}

/* The first to learn it says why. */
static void learn(struct reuse *reuse, enum reuse_mode from, enum reuse_mode to, enum cause cause)
{
    int known = from;

    if (!atomic_compare_exchange_strong(&reuse->mode, &known, to))
        return;
    atomic_store(&reuse->cause, cause);
    if (to == REUSE_NEVER) /* that all is as it should be is no news */
        atomic_store(&reuse->news, true);
}

void reuse_note_outlived(struct reuse *reuse)
{
    if (reuse && atomic_fetch_add(&reuse->outlived, 1) + 1 >= REUSE_OUTLIVED_ENOUGH)
        learn(reuse, REUSE_AUTO, REUSE_ALWAYS, OUTLIVED);
}

void reuse_note_closed(struct reuse *reuse, int64_t after_ns)
{
    if (reuse_now(reuse) != REUSE_AUTO)
        return;
    atomic_store(&reuse->closed_after_ns, after_ns);
    learn(reuse, REUSE_AUTO, REUSE_NEVER, CLOSED);
}

void reuse_note_dead(struct reuse *reuse)
{
    if (!reuse)
        return;
    learn(reuse, REUSE_AUTO, REUSE_NEVER, DEAD);
    if (atomic_load(&reuse->cause) == OUTLIVED)
        learn(reuse, REUSE_ALWAYS, REUSE_NEVER, DEAD);
}

bool reuse_tries_preconnected(const struct reuse *reuse)
{
    return reuse && (reuse_now(reuse) == REUSE_AUTO || atomic_load(&reuse->cause) == OUTLIVED) &&
           atomic_load(&reuse->preconnected_outlived) < REUSE_OUTLIVED_ENOUGH;
}

void reuse_note_preconnected_outlived(struct reuse *reuse)
{
    atomic_fetch_add(&reuse->preconnected_outlived, 1);
}

bool reuse_take_news(struct reuse *reuse, char *line, size_t room)
{
    static const char anew[] = "; from now on each request has a new one";
    bool news = true;

    if (!reuse || !atomic_compare_exchange_strong(&reuse->news, &news, false))
        return false;
    if (atomic_load(&reuse->cause) == DEAD)
        snprintf(line, room, "connections: a request found the one that it used again closed%s",
                 anew);
    else if (atomic_load(&reuse->closed_after_ns) == REUSE_ANNOUNCED)
        snprintf(line, room, "connections: the endpoint ends each with its response%s", anew);
    else
        snprintf(line, room,
                 "connections: the endpoint closed one %.2f ms after a streamed response%s",
                 (double)atomic_load(&reuse->closed_after_ns) / 1e6, anew);
    return true;
}
