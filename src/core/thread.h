/* Threads of our own beside the one that takes signals. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts `work` with all signals blocked, so that they reach the thread that catches them. `name`,
 * at most 15 letters, is what tools such as top show. False where the machine starts no more. */
bool thread_start(pthread_t *thread, const char *name, void *(*work)(void *context), void *context);

#endif
