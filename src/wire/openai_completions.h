/* OpenAI's completions, from before there was a chat
 * ( POST /completions, a prompt and its
 * continuation:platform.openai.com/docs/api-reference/completions). */
#ifndef WIRE_OPENAI_COMPLETIONS_H
#define WIRE_OPENAI_COMPLETIONS_H

#include "wire/dialect.h"

extern const struct dialect dialect_openai_completions;

#endif
