/* What part of a chat says, in every shape that servers give it; inside this room.
 *
 * Content is text, a refusal, and the arguments of tool calls; reasoning is all else that can be
 * read: thinking, reasoning details, and what is spoken. The text may be a string, or a list of
 * parts, where a part of thinking holds a text or a list of its own (OpenAI's, Mistral's,
 * Anthropic's and OpenRouter's ways). What is encrypted, is no text, or is empty says nothing. */
#ifndef WIRE_DELTA_H
#define WIRE_DELTA_H

#include <stdbool.h>

#include "core/text.h"

struct cJSON;

struct delta_kinds {
    bool content, reasoning;
};

/* Reads a chunk's delta or a page's message; NULL says nothing. Adds its content, escapes undone,
 * to `text` unless that is NULL: in the order that they stand in; something where and only
 * where it has content. */
struct delta_kinds delta_read(const struct cJSON *delta, struct text *text);

#endif
