#include "serve/start/arguments.h"

#include <stdlib.h>

#include "core/memory.h"

static void add(struct arguments *words, char *word)
{
    words->word = memory_resize(words->word, words->count + 2, sizeof *words->word);
    words->word[words->count++] = word;
    words->word[words->count] = NULL;
}

void arguments_add(struct arguments *words, const char *word)
{
    add(words, memory_text(word));
}

void arguments_add_option(struct arguments *words, const char *name, const char *value)
{
    if (value)
        add(words, memory_printf("--%s=%s", name, value));
}

void arguments_clear(struct arguments *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->word[i]);
    free(words->word);
    *words = (struct arguments){0};
}
