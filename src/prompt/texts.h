/* The prompt file: texts that prompts are made of.
 *
 * YAML, as the starter kit has it: a list `default_prompt` of one entry and a list
 * `multiple_prompts`, each entry with a `name` and a `template`. */
#ifndef PROMPT_TEXTS_H
#define PROMPT_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct prompt_text {
    char *name, *template;
};

struct prompt_texts {
    struct prompt_text *text;
    size_t count; /* at least 1 where they were read */
};

/* Reads the file's default prompt, or with `multiple` the others. Adds every fault it finds, with
 * line and remedy. Clear `texts` either way. */
bool texts_read(const char *path, bool multiple, struct prompt_texts *texts, struct faults *faults);

/* The same of the prompt file that the program ships with, configs/prompts.yaml as it was built. */
void texts_read_shipped(bool multiple, struct prompt_texts *texts, struct faults *faults);

void texts_clear(struct prompt_texts *texts);

#endif
