/* What the helper that counts tokens replies, line by line (tokenizer_script.py). */
#ifndef PROMPT_TOKENIZER_REPLY_H
#define PROMPT_TOKENIZER_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

enum { TOKENIZER_LIBRARY = 64 };

/* A tokenizer that splits bytes makes a token of each, and some normal forms of Unicode lengthen a
 * text; more tokens than this for each byte are no count. */
enum { TOKENIZER_TOKENS_PER_BYTE = 64, TOKENIZER_TOKENS_MOST_EXTRA = 64 };

/* Reads "ready LIBRARY VERSION" into `library`, "LIBRARY VERSION". False with a sentence: what the
 * helper said was wrong, or that this is no reply. */
bool tokenizer_reply_ready(const char *line, char library[TOKENIZER_LIBRARY], struct error *error);

/* Reads "count TOKENS" for a text of so many bytes. False with a sentence likewise. */
bool tokenizer_reply_count(const char *line, size_t bytes, int64_t *tokens, struct error *error);

#endif
