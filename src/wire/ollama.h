/* Ollama's own chat
 * ( POST /api/chat, one JSON object a line:github.com/ollama/ollama/blob/main/docs/api.md). */
#ifndef WIRE_OLLAMA_H
#define WIRE_OLLAMA_H

#include "wire/dialect.h"

extern const struct dialect dialect_ollama;

#endif
