/* Events that say by a member `type` what they are, as Anthropic's and those of OpenAI's Responses;
 * inside this room. */
#ifndef WIRE_TYPED_H
#define WIRE_TYPED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

struct cJSON;
struct event;
struct scan_value;

/* Reads one kind of event, an object that is not empty; its content is added to `text` unless that
 * is NULL. */
typedef void typed_read(const struct cJSON *object, struct event *event, struct text *text);

struct typed_kind {
    const char *type;
    typed_read *read;
};

/* Parses an event and reads it by its type; a table ends with NULL. What has a type that the table
 * does not know says nothing, and what has none may be an error. `text` as for typed_read. */
void typed_read_event(const struct typed_kind *kinds, const char *payload, size_t length,
                      struct event *event, struct text *text);

/* The error of an object, which says that it is one. */
void typed_read_error(const struct cJSON *object, struct event *event, struct text *text);

/* Whether the string stands under that member and is not empty; it is added to `text` unless that
 * is NULL. */
bool typed_take(const struct cJSON *object, const char *member, struct text *text);

/* Whether a scan found that word, as it is and without an escape. */
bool typed_is(const struct scan_value *type, const char *word, size_t length);

#endif
