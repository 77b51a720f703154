/* A prompt that is made to a length: of words, of a text, or of sonnets. */
#ifndef PROMPT_MADE_PROMPT_H
#define PROMPT_MADE_PROMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/random.h"
#include "core/text.h"

struct made_prompt {
    const char *template;         /* that it is cut or filled from; NULL: none */
    bool sonnets;                 /* … then it is of sonnets, else of words */
    int64_t kept;                 /* words that are expected to stay when it is cut to its length */
    bool salted;                  /* it has words that no other prompt has, … */
    uint64_t seed, visit, number; /* … which follow from these (words_add_salt) */
};

/* Adds the prompt, `words` words in all. It begins with its salt; one of sonnets with LLMPerf's
 * instruction and then its salt, but where fewer words than these are kept, the salt is first: it
 * is what must not be cut. */
void made_prompt_add(const struct made_prompt *prompt, int64_t words, struct random *random,
                     struct text *text);

#endif
