/* Anthropic's Messages API
 * ( POST /messages, typed events:docs.anthropic.com/en/docs/build-with-claude/streaming). */
#ifndef WIRE_ANTHROPIC_H
#define WIRE_ANTHROPIC_H

#include "wire/dialect.h"

extern const struct dialect dialect_anthropic;

#endif
