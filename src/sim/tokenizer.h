/* What the simulator counts as a token; two rules of its own, independent of any client's.
 *
 * words: what stands between white space is one token.
 *
 * subwords: as uneven as real tokenizers are, and as easy to count by hand. One blank costs
 * nothing. A run of ASCII letters is cut into pieces of TOKENIZER_LETTERS, one of digits into
 * pieces of TOKENIZER_DIGITS; every other ASCII character is a token, every UTF-8 sequence too, and
 * so is white space beyond that blank. So a short word is one token and a longer one several:
 * "the bundle" are 2, "quietly" 2, "2025-11, ok?" 7. */
#ifndef SIM_TOKENIZER_H
#define SIM_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

enum { TOKENIZER_LETTERS = 6, TOKENIZER_DIGITS = 3 };

/* The first token at or behind `text`, by a rule of enum bundle_tokenizer, and its length in bytes;
 * NULL where none is left. */
const char *tokenizer_next(int tokenizer, const char *text, size_t *length);

int64_t tokenizer_count(int tokenizer, const char *text);

#endif
