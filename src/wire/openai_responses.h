/* OpenAI's Responses API
 * ( POST /responses, typed events:platform.openai.com/docs/api-reference/responses-streaming). */
#ifndef WIRE_OPENAI_RESPONSES_H
#define WIRE_OPENAI_RESPONSES_H

#include "wire/dialect.h"

extern const struct dialect dialect_openai_responses;

#endif
