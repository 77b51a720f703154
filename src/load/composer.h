/* Requests composed in advance by a thread of its own, so that a long prompt delays no stream;
 * inside this room. At most COMPOSER_READY stand composed, whatever the row's length. */
#ifndef LOAD_COMPOSER_H
#define LOAD_COMPOSER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "load/load.h"

enum { COMPOSER_READY = 16 };

struct composer {
    /* Composes the next request into a place whose texts are empty; false: none is left. */
    bool (*compose)(void *context, struct composed *into);
    void *context;
    const int *wake; /* eventfds, written to when something stands ready that was waited for */
    size_t wakes;

    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct composed ready[COMPOSER_READY];
    size_t first, count;
    bool over;   /* nothing more comes */
    bool stop;   /* nobody takes any more */
    bool wanted; /* someone found nothing ready */
};

/* Starts to compose. The caller has filled the first four members and zeroed the rest. Where no
 * thread is to be had, composer_take composes itself. */
void composer_start(struct composer *composer);

/* Takes the next: its texts change places with those of `into`, so that room is used again. False
 * where none stands ready; with `wait`, only where none is left. */
bool composer_take(struct composer *composer, struct composed *into, bool wait);

/* Whether none stands ready and none will. */
bool composer_is_over(struct composer *composer);

/* Frees the texts. */
void composed_clear(struct composed *composed);

/* Ends the thread and frees what stands ready. */
void composer_clear(struct composer *composer);

#endif
