/* A tokenizer of one's choice: a tokenizer.json or a SentencePiece model, by the libraries of the
 * field in a process of its own (core/helper.h), which does nothing while it is not asked.
 *
 * Counts are of a text alone, without special tokens and without a chat template. Counting, and
 * asking whether it works, may be done in several threads, one of which waits for the other. */
#ifndef PROMPT_TOKEN_COUNTER_H
#define PROMPT_TOKEN_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct token_counter;

/* Starts the helper and waits until it has read the tokenizer that `given` stands for
 * (tokenizer_place.h). NULL with a sentence where it cannot. Close it. */
struct token_counter *token_counter_open(const char *given, struct error *error);

/* The tokens of a text of `length` bytes, which need not be UTF-8. False with a sentence where the
 * helper cannot say; unless the text alone is to blame, it has then been ended, and every later
 * call fails with the same sentence. A NULL tokenizer is none that works. */
bool token_counter_count(struct token_counter *tokenizer, const char *text, size_t length,
                         int64_t *tokens, struct error *error);

/* Whether it still counts; false for NULL. */
bool token_counter_works(struct token_counter *tokenizer);

/* The file that was read, and library and version that count; as long as the tokenizer stands. */
const char *token_counter_path(const struct token_counter *tokenizer);
const char *token_counter_library(const struct token_counter *tokenizer);

/* Ends the helper; NULL is fine. */
void token_counter_close(struct token_counter *tokenizer);

#endif
