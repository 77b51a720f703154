/* OpenAI-compatible chat completions (formats.md, section 4a). */
#ifndef WIRE_OPENAI_H
#define WIRE_OPENAI_H

#include "wire/dialect.h"

extern const struct dialect dialect_openai;

#endif
