/* Lists of messages, in the dialects that have them; inside this room. */
#ifndef WIRE_MESSAGES_H
#define WIRE_MESSAGES_H

#include "wire/dialect.h"

/* Adds the list's begin, up to the user's content: `[{"role":"user","content":`, with a message of
 * the system before it unless `system` is NULL, and `earlier` ones unless that is (dialect.h). */
void messages_begin(const char *system, const char *earlier, struct text *json);

/* Adds the whole list to a body, up to the comma behind it: the parts before the user's text, those
 * between that and the picture, where the ask has one, and those behind both. */
void messages_write(const struct ask *ask, const char *system, const struct picture_form *form,
                    struct body *body);

#endif
