/* Commands and their options: one table each, from which parsing, --help and checks are made.
 *
 * A command reads as a story and joins rooms that do not know each other. Results go to stdout,
 * everything else to stderr; what it returns is the exit code. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/exit.h"

enum option_type {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char *, one of argv */
    OPTION_INTEGER, /* int64_t */
    OPTION_TEXTS,   /* struct option_texts: may be given several times */
};

enum { OPTION_TEXTS_MOST = 32 };

struct option_texts {
    const char *text[OPTION_TEXTS_MOST];
    size_t count;
};

struct option {
    const char *name; /* without the dashes */
    /* As --help shows it, NULL for a flag. Shells complete FILE, DIR, KEY=VALUE and words
     * in small letters, "one|other". */
    const char *argument;
    enum option_type type;
    size_t offset; /* in the command's own struct of options */
    const char *help;
    char letter; /* its short name: -n 5, -n5; flags may share a dash; 0: none */
};

struct command {
    const char *name;
    const char *arguments;        /* "[CONFIG]" as --help shows it */
    const char *summary;          /* one line */
    const char *help;             /* paragraphs */
    const struct option *options; /* ends with a NULL name; NULL: none but --help */
    size_t least, most;           /* how many arguments */
    /* `options` is the command's struct, zeroed and filled; `arguments` ends with NULL. */
    int (*run)(const void *options, char **arguments);
    size_t options_size;
    /* What it returns beside 0 and 2, for --help; ends with 0. */
    enum exit_code exits[6];
    bool reports_loss; /* it says what was done once only: a pipe whose reader left is reported */
};

/* "-n, --requests N", as --help and the manual have it; to be freed. */
char *option_words(const struct option *option);

/* Parses what follows the command's name (options anywhere, "--" ends them, --help prints), then
 * runs it. Returns its exit code, EXIT_BAD_INPUT with a sentence on stderr for a bad command line.
 */
int command_call(const struct command *command, char **words);

/* Whether what follows the command's name asks for its manual alone. */
bool command_asks_for_help(char **words);

/* Prints the manual of one command to stdout. */
void command_help(const struct command *command);

extern const struct command command_run, command_stop, command_bench, command_try, command_chat,
    command_plan, command_rows, command_search, command_calibrate;
extern const struct command command_report, command_compare, command_switching, command_export,
    command_index, command_history, command_serve, command_trace, command_simulate,
    command_selftest, command_init, command_manual;

/* All of them, in the order --help lists them; ends with NULL. */
extern const struct command *const command_table[];

/* The command of that name; NULL: there is none. */
const struct command *command_find(const char *name);

#endif
