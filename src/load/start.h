/* The common start of several loads: each waits here until all are ready, and all begin at one
 * moment, from which each counts its own schedule. Where other processes begin with them, the last
 * to be ready agrees with those on the moment. */
#ifndef LOAD_START_H
#define LOAD_START_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load_start {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    size_t loads, ready;
    bool open, abandoned;
    int64_t at_ns; /* once it is open */
    /* Called once all are ready, by the last: names the moment. False: there will be none. NULL:
     * they begin at once. */
    bool (*agree)(void *context, int64_t *at_ns);
    void *context;
};

void load_start_init(struct load_start *start, size_t loads);

/* Waits until so many loads have come here. `*at_ns`, which may lie ahead, is when they begin.
 * False: one will not come, or no moment was agreed on. */
bool load_start_wait(struct load_start *start, int64_t *at_ns);

/* Lets those go home that wait: a load will not come. Later than the start it does nothing. */
void load_start_abandon(struct load_start *start);

void load_start_clear(struct load_start *start);

#endif
