/* help: the list of commands and topics, and the pages of docs/, which the program holds.
 *
 * The Makefile puts every docs/NAME.md into the program; a page's name is its topic, and what
 * follows the colon of its first heading is its summary ("# Metrics: what each figure means"). */
#ifndef COMMAND_HELP_H
#define COMMAND_HELP_H

#include <stdbool.h>
#include <stddef.h>

struct help_topic {
    const char *name; /* "getting-started" */
    const char *text; /* the page as it stands in docs/, Markdown */
};

/* Gives the topic at `index`, in alphabetical order; false past the last. */
bool help_topic_at(size_t index, struct help_topic *topic);

/* The summary of a topic and its length in bytes; the whole heading where it has no colon. */
const char *help_topic_summary(const struct help_topic *topic, size_t *length);

/* Prints usage, commands and topics to stdout. */
void help_print(void);

/* Prints the help of the command and the page of the topic that `name` names; "switching" is both.
 * Returns the exit code: EXIT_BAD_INPUT with a sentence on stderr where there is neither. */
int help_call(const char *name);

#endif
