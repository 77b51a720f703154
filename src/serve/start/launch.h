/* A run as a child of its own: in a session of its own, with its run directory as its only tie, so
 * that it goes on whatever becomes of the server. */
#ifndef SERVE_START_LAUNCH_H
#define SERVE_START_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/error.h"

struct launched_process {
    pid_t pid;
    int process; /* a descriptor of it (pidfd_open(2)), to be closed */
};

/* Starts "coebench `words`" (without the program's name; ends with NULL) with no input; what it
 * tells people goes to the open file `log`. False with a sentence. Its end is to be waited for. */
bool launch(char *const *words, char *const *environment, int log,
            struct launched_process *launched, struct error *error);

/* Whether it has ended; then its exit code, −1: by a signal. */
bool launch_has_ended(const struct launched_process *launched, int *code);

#endif
