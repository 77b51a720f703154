/* A program that is run and waited for. */
#ifndef CORE_CHILD_H
#define CORE_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/error.h"

struct child {
    char *const *words; /* the program, looked for in PATH, and its arguments; ends with NULL */
    char *const *environment; /* "NAME=value"; ends with NULL */
    double most_s;            /* it is killed after that, with all that it started; … */
    const atomic_int *stop;   /* … and soon after this is set; NULL: never */
};

/* Runs it in the working directory, in a process group of its own, with nothing on its standard
 * input. What it prints is thrown away, but for the last line where it fails. True where it ends
 * with 0; else a sentence. */
bool child_run(const struct child *child, struct error *error);

#endif
