/* This program once more, as a child that ends by itself: a command whose work takes a while, or
 * that is better done outside the server. */
#ifndef SERVE_OWN_COMMAND_H
#define SERVE_OWN_COMMAND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/text.h"

enum { OWN_COMMAND_MOST = 1 << 20 }; /* bytes that are kept of what it tells people */

struct own_command_end {
    int code;            /* its exit code; −1: it ended by a signal, or could not be started */
    struct text words;   /* what it told people */
    struct text results; /* its standard output, where that is kept */
};

struct own_command {
    const char *const *words;  /* as own_command_run has them */
    char *const *environment;  /* ends with NULL; NULL: this program's own */
    bool keeps_results;        /* its standard output is kept, OWN_COMMAND_MOST bytes of it */
    atomic_bool *stop, *stale; /* either ends it where it becomes true; `stale` may be NULL */
};

/* Runs "coebench `words`" to its end, with no input. It ends with us. Clear `end`. */
void own_command_do(const struct own_command *command, struct own_command_end *end);

/* Runs "coebench `words`" (ended by NULL) to its end, with no input; its results on standard output
 * are thrown away. It gets this environment, and ends with us. Where `*stop` becomes true, it is
 * killed. Clear `end`. */
void own_command_run(const char *const *words, atomic_bool *stop, struct own_command_end *end);

/* The last line that it told people, without "coebench: " before it; "" where it told nothing. For
 * the caller to free. */
char *own_command_sentence(const struct own_command_end *end);

void own_command_end_clear(struct own_command_end *end);

#endif
