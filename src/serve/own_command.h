/* This program once more, as a child that ends by itself: a command whose work takes a while, or
 * that is better done outside the server. */
#ifndef SERVE_OWN_COMMAND_H
#define SERVE_OWN_COMMAND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/text.h"

enum { OWN_COMMAND_MOST = 1 << 20 }; /* bytes that are kept of what it tells people */

struct own_command_end {
    int code;          /* its exit code; −1: it ended by a signal, or could not be started */
    struct text words; /* what it told people */
};

/* Runs "coebench `words`" (ended by NULL) to its end, with no input; its results on standard output
 * are thrown away. It gets this environment, and ends with us. Where `*stop` becomes true, it is
 * killed. Clear `end`. */
void own_command_run(const char *const *words, atomic_bool *stop, struct own_command_end *end);

/* The last line that it told people, without "coebench: " before it; "" where it told nothing. For
 * the caller to free. */
char *own_command_sentence(const struct own_command_end *end);

void own_command_end_clear(struct own_command_end *end);

#endif
