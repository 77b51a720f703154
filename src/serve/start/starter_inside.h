/* What the files of the starter share. For them alone. */
#ifndef SERVE_START_STARTER_INSIDE_H
#define SERVE_START_STARTER_INSIDE_H

#include <pthread.h>

#include "serve/start/launch.h"
#include "serve/start/starter.h"

enum { STARTER_BEGINNING_MS = 50 }; /* how often one that has not begun is looked at */

/* A run that was started by this server and has not been seen to end. */
struct started {
    struct waiting waiting;
    struct launched_process process;
    bool begun, ended; /* its run directory is there; the process is over */
    bool watched;      /* somebody waits for its beginning, and forgets it */
    int code;
};

struct starter {
    struct workbench *workbench;
    pthread_mutex_t deciding; /* held while it is decided what starts; comes before `lock` */
    pthread_mutex_t lock;     /* of all that follows */
    pthread_cond_t changed;
    struct waiting *queue;
    size_t queued;
    struct started **started;
    size_t starts;
    int wake; /* an eventfd */
    atomic_bool stop;
    bool runs; /* the thread does */
    pthread_t thread;
};

/* Starts the run, which is taken, as one that shares its endpoint or not. The lock is held. NULL
 * with a sentence; then it was not taken. */
struct started *starter_launch(struct starter *starter, struct waiting *waiting, bool shares,
                               struct error *error);

/* Looks at what was started: which has begun, which has ended. What has ended and nobody watches is
 * forgotten; where it had not begun it comes back into the queue, with the reason. The lock is
 * held.
 */
void starter_look(struct starter *starter);

/* Takes one out and frees it. The lock is held. */
void starter_forget(struct starter *starter, struct started *started);

/* What the program said last before it ended, for the caller to free. */
char *starter_sentence(const struct starter *starter, const struct started *started);

/* Whether a run that was started has not begun yet; of that endpoint, where that is not NULL. The
 * lock is held. */
bool starter_is_beginning(const struct starter *starter, const char *endpoint);

/* Writes the queue down. The lock is held. */
void starter_keep(struct starter *starter);

#endif
