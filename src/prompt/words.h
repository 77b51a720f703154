/* Prompts of common words, from a seed.
 *
 * Each word is short, lower case and common, chosen so that the usual tokenizers take it, with the
 * blank before it, as one token (tests/cli/tokenizers counts it with published ones); so N words
 * are N tokens, without any tokenizer. */
#ifndef PROMPT_WORDS_H
#define PROMPT_WORDS_H

#include <stdint.h>

#include "core/random.h"
#include "core/text.h"

enum { WORDS_SALT = 6 };

/* Adds up to WORDS_SALT words, at most `most`, and returns how many: the salt that a prompt begins
 * with, so that no cache of prefixes knows it. Of one seed no two pairs of visit and k have the
 * same WORDS_SALT words (up to 2^18 visits of 10^9 requests each, and as far as fewer words reach).
 */
int64_t words_add_salt(uint64_t seed, uint64_t visit, uint64_t k, int64_t most, struct text *text);

/* Adds `count` words with single blanks between them. */
void words_add(struct random *random, int64_t count, struct text *text);

/* Takes the last `count` words away, with the blank or line end before each. A line end may stand
 * as in a JSON string: `\n`. */
void words_drop(struct text *text, int64_t count);

/* How many bytes stay where the last `count` words are taken away so. */
size_t words_without(const char *bytes, size_t length, int64_t count);

/* How many words the text has: runs of other bytes than blanks and line ends. */
int64_t words_count(const char *text, size_t length);

/* How many bytes its first `words` words take, with what stands between and before them; all of it
 * where it has no more. */
size_t words_prefix(const char *text, size_t length, int64_t words);

#endif
