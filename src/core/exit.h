/* The exit codes of the program, and the one sentence that --help and the manual have for each. */
#ifndef CORE_EXIT_H
#define CORE_EXIT_H

/* Where several hold, the first in this order wins: 130/143, 2, 3, 4, 1. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_GATE_FAILED = 1,   /* compare, selftest */
    EXIT_BAD_INPUT = 2,     /* usage, configuration, or results that cannot be written */
    EXIT_INCOMPLETE = 3,    /* a row without a completed request, over its timeout, or stopped */
    EXIT_INVALID = 4,       /* a measurement is invalid */
    EXIT_INTERRUPTED = 130, /* Ctrl-C */
    EXIT_TERMINATED = 143,  /* SIGTERM */
};

/* What each of them says, for people: the table that --help and the manual share. */
struct exit_words {
    enum exit_code code;
    const char *words;
};

extern const struct exit_words exit_table[]; /* ends with NULL words */

#endif
