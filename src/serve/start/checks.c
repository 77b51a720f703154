#include "serve/start/checks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "serve/http/guard.h"

struct session_checks {
    char secret[GUARD_WORD]; /* "": the place is free */
    int64_t newest_ns;
    atomic_bool *stale; /* of the one under way; NULL: none is */
};

struct checks {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    struct session_checks session[GUARD_SESSIONS];
};

struct checks *checks_new(void)
{
    struct checks *checks = memory_new(1, sizeof *checks);

    pthread_mutex_init(&checks->lock, NULL);
    pthread_cond_init(&checks->ended, NULL);
    return checks;
}

void checks_free(struct checks *checks)
{
    if (!checks)
        return;
    pthread_cond_destroy(&checks->ended);
    pthread_mutex_destroy(&checks->lock);
    free(checks);
}

/* The session's place, or one that is made its own: of those where nothing is under way, the one
 * that was used longest ago. At most BACKGROUND_THREADS are, so there is one. */
static struct session_checks *place_of(struct checks *checks, const char *secret)
{
    struct session_checks *oldest = NULL;

    for (size_t i = 0; i < GUARD_SESSIONS; i++) {
        struct session_checks *place = &checks->session[i];

        if (strcmp(place->secret, secret) == 0)
            return place;
        if (!place->stale && (!oldest || place->newest_ns < oldest->newest_ns))
            oldest = place;
    }
    if (oldest) {
        memset(oldest, 0, sizeof *oldest);
        strncpy(oldest->secret, secret, GUARD_WORD - 1);
    }
    return oldest;
}

void checks_ask(struct checks *checks, const char *secret, int64_t moment_ns)
{
    struct session_checks *place;

    pthread_mutex_lock(&checks->lock);
    place = place_of(checks, secret);
    if (place && moment_ns >= place->newest_ns) {
        place->newest_ns = moment_ns;
        if (place->stale)
            atomic_store(place->stale, true);
    }
    pthread_cond_broadcast(&checks->ended);
    pthread_mutex_unlock(&checks->lock);
}

bool checks_begin(struct checks *checks, const char *secret, int64_t moment_ns, atomic_bool *stale)
{
    struct session_checks *place;
    bool begins;

    pthread_mutex_lock(&checks->lock);
    while ((place = place_of(checks, secret)) && place->stale && place->newest_ns <= moment_ns)
        pthread_cond_wait(&checks->ended, &checks->lock);
    begins = place && !place->stale && place->newest_ns <= moment_ns;
    if (begins)
        place->stale = stale;
    pthread_mutex_unlock(&checks->lock);
    return begins;
}

bool checks_end(struct checks *checks, const char *secret)
{
    struct session_checks *place;
    bool fresh = false;

    pthread_mutex_lock(&checks->lock);
    place = place_of(checks, secret);
    if (place && place->stale) {
        fresh = !atomic_load(place->stale);
        place->stale = NULL;
    }
    pthread_cond_broadcast(&checks->ended);
    pthread_mutex_unlock(&checks->lock);
    return fresh;
}
