#include "serve/http/background.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/thread.h"
#include "serve/http/exchange.h"

struct errand {
    struct exchange *exchange;
    background_work *work;
};

struct background {
    struct workbench *workbench;
    pthread_t thread[BACKGROUND_THREADS];
    size_t threads;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct errand waiting[BACKGROUND_MOST];
    size_t first, count;
    atomic_bool stop;
};

/* The next errand; false where it is to stop and none waits. */
static bool take_next(struct background *background, struct errand *errand)
{
    bool some;

    pthread_mutex_lock(&background->lock);
    while (background->count == 0 && !atomic_load(&background->stop))
        pthread_cond_wait(&background->changed, &background->lock);
    some = background->count > 0;
    if (some) {
        *errand = background->waiting[background->first];
        background->first = (background->first + 1) % BACKGROUND_MOST;
        background->count--;
    }
    pthread_mutex_unlock(&background->lock);
    return some;
}

static void *work_off(void *context)
{
    struct background *background = context;
    struct errand errand;

    while (take_next(background, &errand)) {
        if (atomic_load(&background->stop))
            exchange_refuse(errand.exchange, 503, "the workbench is being stopped");
        else
            errand.work(background->workbench, errand.exchange, &background->stop);
        exchange_go_on(errand.exchange);
    }
    return NULL;
}

struct background *background_start(struct workbench *workbench)
{
    struct background *background = memory_new(1, sizeof *background);

    background->workbench = workbench;
    pthread_mutex_init(&background->lock, NULL);
    pthread_cond_init(&background->changed, NULL);
    while (
        background->threads < BACKGROUND_THREADS &&
        thread_start(&background->thread[background->threads], "background", work_off, background))
        background->threads++;
    if (background->threads > 0)
        return background;
    background_free(background);
    return NULL;
}

void background_do(struct background *background, struct exchange *exchange, background_work *work)
{
    bool room;

    pthread_mutex_lock(&background->lock);
    room = background->count < BACKGROUND_MOST && !atomic_load(&background->stop);
    if (room) {
        exchange_later(exchange);
        background->waiting[(background->first + background->count++) % BACKGROUND_MOST] =
            (struct errand){.exchange = exchange, .work = work};
        pthread_cond_signal(&background->changed);
    }
    pthread_mutex_unlock(&background->lock);
    if (!room)
        exchange_refuse(exchange, 503, "too much is being asked for at once: ask again");
}

void background_stop(struct background *background)
{
    if (!background)
        return;
    pthread_mutex_lock(&background->lock);
    atomic_store(&background->stop, true);
    pthread_cond_broadcast(&background->changed);
    pthread_mutex_unlock(&background->lock);
    for (size_t i = 0; i < background->threads; i++)
        pthread_join(background->thread[i], NULL);
    background->threads = 0;
}

void background_free(struct background *background)
{
    if (!background)
        return;
    pthread_cond_destroy(&background->changed);
    pthread_mutex_destroy(&background->lock);
    free(background);
}
