/* A terminal that is written to by a thread of its own, so that one that stands still (a paused
 * terminal, a connection that hangs) holds up nobody else. */
#ifndef REPORT_TERMINAL_SCREEN_H
#define REPORT_TERMINAL_SCREEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/text.h"

struct screen {
    FILE *page; /* what is printed goes here first */
    char *bytes;
    size_t length;
    int fd;
    pthread_t thread;
    bool started; /* else what is shown is written at once */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct text waiting; /* shown, not yet written */
    bool writing, over;
};

/* Begins to show on `fd`. */
void screen_init(struct screen *screen, int fd);

/* Whether all that was shown is written. */
bool screen_is_idle(struct screen *screen);

/* Shows what stands on the page, and empties it. */
void screen_show(struct screen *screen);

/* Waits until all is written, and ends the thread. */
void screen_clear(struct screen *screen);

#endif
