/* A program that runs beside this one and replies to what it is sent, over one socket that is its
 * standard input and output (unix(7)).
 *
 * It gets the environment that it is given and nothing of ours, no other open file, and no signal
 * of the terminal. It ends with us: its input ends then, and the kernel kills it (prctl(2)) where
 * it does not look. Each wait has an end, and so has each line that is read. Start it from a thread
 * that lasts as long as it is needed; use it from one thread at a time. */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"

enum { HELPER_LINE = 1024 }; /* bytes of a line, with its end */

struct helper {
    pid_t pid;  /* 0: none runs */
    int socket; /* meaningless then */
    char line[HELPER_LINE];
    size_t got; /* bytes of `line` that were read and not yet given out */
};

/* Starts the program at `words[0]` with these arguments, ended by NULL, and exactly this
 * environment, ended by NULL. False with a sentence where the machine starts none; a program that
 * cannot be executed is found by the first line that does not come. Stop it. */
bool helper_start(struct helper *helper, const char *const *words, const char *const *environment,
                  struct error *error);

/* Sends `length` bytes, by `until_ns` of the monotonic clock. False with what happened, "ended" or
 * "took too long", in the error. */
bool helper_send(struct helper *helper, const void *bytes, size_t length, int64_t until_ns,
                 struct error *error);

/* Reads the next line, without its end, as a text; a zero byte in it ends it. False with what
 * happened: "ended", "took too long", "sent a line of more than … bytes". */
bool helper_read(struct helper *helper, char line[HELPER_LINE], int64_t until_ns,
                 struct error *error);

/* Kills it, by its process id, and waits for its end. A zeroed one is fine. */
void helper_stop(struct helper *helper);

#endif
