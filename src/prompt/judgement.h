/* Whether what a server counted of prompts of known lengths can be what those prompts have: the
 * guard before a counting is learned before a run. Wrong teachers exist: endpoints that count with
 * another model's tokenizer, that count bytes, or that cut prompts to their context first. */
#ifndef PROMPT_JUDGEMENT_H
#define PROMPT_JUDGEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "prompt/counting.h"

/* What is believed: tokens a word, and tokens of the template. */
#define JUDGEMENT_PER_WORD_LEAST 0.25
#define JUDGEMENT_PER_WORD_MOST  8.0
#define JUDGEMENT_TEMPLATE_MOST  10000.0

/* Prompts of `words` words each, ascending and unlike, were counted as `tokens`; `asked` is the
 * longest prompt of the rows, in tokens. Sets what follows; false with a sentence, and `counting`
 * untouched, where the counts are not believed. One count alone is held against a word's being one
 * token. */
bool judgement_of(const int64_t *words, const int64_t *tokens, size_t count, int64_t asked,
                  struct counting *counting, struct error *error);

/* Whether two counts call for one between them: fewer tokens than words were added, as where the
 * longer prompt was cut, and where a token spans words. A third tells which. */
bool judgement_wants_another(const int64_t *words, const int64_t *tokens);

/* The sentence for a server that counts `counted` of every prompt, also of those of `asked` tokens.
 */
void judgement_tell_cut(int64_t counted, int64_t asked, struct error *error);

#endif
