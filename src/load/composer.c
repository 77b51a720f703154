#include "load/composer.h"

#include <sys/eventfd.h>

#include "core/thread.h"

void composed_clear(struct composed *composed)
{
    text_clear(&composed->prompt);
    text_clear(&composed->tail);
}

/* Composes one into a free place; false where none is left. */
static bool compose_one(struct composer *composer, struct composed *into)
{
    text_reset(&into->prompt);
    text_reset(&into->tail);
    *into = (struct composed){.prompt = into->prompt, .tail = into->tail};
    return composer->compose(composer->context, into);
}

/* With all places taken the thread rests until half of them are free: to wake it for each would
 * cost more than to compose a short one. */
static void rest_when_full(struct composer *composer)
{
    if (composer->count < COMPOSER_READY)
        return;
    while (!composer->stop && composer->count > COMPOSER_READY / 2)
        pthread_cond_wait(&composer->changed, &composer->lock);
}

/* A place that nothing ready stands in; NULL where someone stops the thread. */
static struct composed *wait_for_place(struct composer *composer)
{
    struct composed *place = NULL;

    pthread_mutex_lock(&composer->lock);
    rest_when_full(composer);
    if (!composer->stop)
        place = &composer->ready[(composer->first + composer->count) % COMPOSER_READY];
    pthread_mutex_unlock(&composer->lock);
    return place;
}

/* The place is ready, or no more is to come; whoever waits for that is woken. */
static void tell(struct composer *composer, bool made)
{
    bool wanted;

    pthread_mutex_lock(&composer->lock);
    composer->count += made;
    composer->over |= !made;
    wanted = composer->wanted;
    composer->wanted = false;
    pthread_cond_broadcast(&composer->changed);
    pthread_mutex_unlock(&composer->lock);
    for (size_t i = 0; wanted && i < composer->wakes; i++)
        eventfd_write(composer->wake[i], 1);
}

static void *work(void *context)
{
    struct composer *composer = context;
    struct composed *place;
    bool made = true;

    while (made && (place = wait_for_place(composer))) {
        made = compose_one(composer, place);
        tell(composer, made);
    }
    return NULL;
}

void composer_start(struct composer *composer)
{
    pthread_mutex_init(&composer->lock, NULL);
    pthread_cond_init(&composer->changed, NULL);
    composer->started = thread_start(&composer->thread, "compose", work, composer);
}

static void swap(struct composed *a, struct composed *b)
{
    struct composed kept = *a;

    *a = *b;
    *b = kept;
}

static bool take_ready(struct composer *composer, struct composed *into, bool wait)
{
    bool taken;

    pthread_mutex_lock(&composer->lock);
    while (wait && composer->count == 0 && !composer->over)
        pthread_cond_wait(&composer->changed, &composer->lock);
    taken = composer->count > 0;
    if (taken) {
        swap(&composer->ready[composer->first], into);
        composer->first = (composer->first + 1) % COMPOSER_READY;
        if (--composer->count == COMPOSER_READY / 2)
            pthread_cond_broadcast(&composer->changed);
    } else {
        composer->wanted = !composer->over;
    }
    pthread_mutex_unlock(&composer->lock);
    return taken;
}

bool composer_take(struct composer *composer, struct composed *into, bool wait)
{
    bool taken;

    if (composer->started)
        return take_ready(composer, into, wait);
    taken = !composer->over && compose_one(composer, into);
    composer->over = !taken;
    return taken;
}

bool composer_is_over(struct composer *composer)
{
    bool over;

    pthread_mutex_lock(&composer->lock);
    over = composer->over && composer->count == 0;
    pthread_mutex_unlock(&composer->lock);
    return over;
}

void composer_clear(struct composer *composer)
{
    if (composer->started) {
        pthread_mutex_lock(&composer->lock);
        composer->stop = true;
        pthread_cond_broadcast(&composer->changed);
        pthread_mutex_unlock(&composer->lock);
        pthread_join(composer->thread, NULL);
    }
    for (size_t i = 0; i < COMPOSER_READY; i++)
        composed_clear(&composer->ready[i]);
    pthread_mutex_destroy(&composer->lock);
    pthread_cond_destroy(&composer->changed);
}
