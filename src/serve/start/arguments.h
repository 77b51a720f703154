/* The words of a command line, one after another. */
#ifndef SERVE_START_ARGUMENTS_H
#define SERVE_START_ARGUMENTS_H

#include <stddef.h>

/* `struct arguments w = {0};` has none. */
struct arguments {
    char **word; /* ends with NULL; owned */
    size_t count;
};

void arguments_add(struct arguments *words, const char *word);

/* Adds "--name=value"; a value of NULL adds nothing. */
void arguments_add_option(struct arguments *words, const char *name, const char *value);

void arguments_clear(struct arguments *words);

#endif
