/* Prompts of Shakespeare's sonnets (in the public domain), in the manner of LLMPerf: an
 * instruction, then lines in a random order. */
#ifndef PROMPT_SONNETS_H
#define PROMPT_SONNETS_H

#include <stdint.h>

#include "core/random.h"
#include "core/text.h"

enum {
    SONNETS_INSTRUCTION = 11,       /* words of the instruction, … */
    SONNETS_INSTRUCTION_TOKENS = 22 /* … and no usual tokenizer makes as many tokens of it: 16 to 18
                                     * with the line's end (tests/cli/tokenizers) */
};

/* Adds the instruction that LLMPerf documents (README.md of github.com/ray-project/llmperf), on a
 * line of its own and cut to `most` words; returns how many words it adds. */
int64_t sonnets_add_instruction(int64_t most, struct text *text);

/* Adds lines, each on a line of its own, all of them before one comes again, cut to `words` words
 * in all. */
void sonnets_add_lines(struct random *random, int64_t words, struct text *text);

#endif
