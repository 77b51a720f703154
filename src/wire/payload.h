/* Parts of responses and bodies that dialects share; inside this room. */
#ifndef WIRE_PAYLOAD_H
#define WIRE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

struct cJSON;
struct event;
struct scan_value;

/* Whether an event is there only to keep the connection open: blank, a comment sent as data, or
 * ping, "ping", "" or null, blanks around it or not. */
bool payload_is_keep_alive(const char *payload, size_t length);

/* Whether the payload is that word, blanks around it or not. */
bool payload_is_word(const char *payload, size_t length, const char *word);

/* Reads one JSON value, in which a NUL is what nul.h says; the caller deletes it. NULL: it is none.
 */
struct cJSON *payload_read(const char *json, size_t length);

/* Begins to read an event of one JSON value: resets it and returns the value, as payload_read
 * does. NULL where there is no more to say: it is a keep-alive, or malformed: no JSON, or
 * something stands behind the value, which is reported and nothing of it used. */
struct cJSON *payload_parse(const char *payload, size_t length, struct event *event);

/* Whether the object carries an error: an "error" that is not nothing (null, false, 0, empty), or
 * without choices a "detail", "message", "error_message", "error_msg" or "errors"; and then its
 * sentence, made printable. */
bool payload_error(const struct cJSON *object, char *message, size_t size);

/* The first bytes of something that could not be understood, made printable. */
void payload_excerpt(const char *bytes, size_t length, char *text, size_t size);

/* Adds the text of a string, escapes undone, as it was sent otherwise; anything else adds nothing.
 */
void payload_add_string(const struct cJSON *item, struct text *text);

/* Copies a short word such as a finish reason, made printable and cut to fit. */
void payload_word(const struct cJSON *item, char *word, size_t size);

/* The same from a value that a scan found; false where it takes cJSON to undo escapes. */
bool payload_copy_word(const struct scan_value *value, char *word, size_t size);

/* Copies a finish reason, as payload_word does; "" where the word names none (finish.h). */
void payload_finish_reason(const struct cJSON *item, char *word, size_t size);

/* Puts the members of a JSON object, given as text, into an object, in the place of those there.
 * Their numbers keep their own characters: they are raw, and no cJSON_Number. */
void payload_merge(struct cJSON *object, const char *json);

/* Merges `json` into an object, adds the members to `tail` with the brace that closes them, and
 * deletes the object: what stands last in a body. */
void payload_add_parameters(struct cJSON *object, const char *json, struct text *tail);

/* The version of cJSON, for the record. */
const char *payload_library(void);

#endif
