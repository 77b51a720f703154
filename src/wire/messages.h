/* How a list of messages begins, in the dialects that have one; inside this room. */
#ifndef WIRE_MESSAGES_H
#define WIRE_MESSAGES_H

#include "core/text.h"

/* Adds the list's begin, up to the user's content: `[{"role":"user","content":`, with a message of
 * the system before it unless `system` is NULL. */
void messages_begin(const char *system, struct text *json);

#endif
