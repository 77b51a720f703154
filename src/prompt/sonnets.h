/* Prompts of Shakespeare's sonnets (in the public domain), in the manner of LLMPerf: an
 * instruction, then lines in a random order. */
#ifndef PROMPT_SONNETS_H
#define PROMPT_SONNETS_H

#include <stdint.h>

#include "core/random.h"
#include "core/text.h"

/* Adds the instruction and then lines, each on a line of its own, all of them before one comes
 * again, cut to `words` words in all. */
void sonnets_add(struct random *random, int64_t words, struct text *text);

#endif
