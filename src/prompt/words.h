/* Prompts of common words, from a seed.
 *
 * Each word is short, lower case and common, chosen so that the usual tokenizers take it, with the
 * blank before it, as one token; so N words are about N tokens, without any tokenizer. */
#ifndef PROMPT_WORDS_H
#define PROMPT_WORDS_H

#include <stdint.h>

#include "core/random.h"
#include "core/text.h"

/* Adds `count` words with single blanks between them. */
void words_add(struct random *random, int64_t count, struct text *text);

#endif
