/* Parts of answers and bodies that dialects share; inside this room. */
#ifndef WIRE_ANSWER_H
#define WIRE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

struct cJSON;
struct walk_value;

/* Whether the object carries an error ("error" as text or object, "detail", or "message" alone),
 * and then its sentence, made printable. */
bool answer_error(const struct cJSON *object, char *message, size_t size);

/* The first bytes of something that could not be understood, made printable. */
void answer_excerpt(const char *bytes, size_t length, char *text, size_t size);

/* Adds the text of a string, escapes undone, as it was sent otherwise; anything else adds nothing.
 */
void answer_add_string(const struct cJSON *item, struct text *text);

/* Copies a short word such as a finish reason, made printable and cut to fit. */
void answer_word(const struct cJSON *item, char *word, size_t size);

/* The same from a value that a walk found; false where it takes cJSON to undo escapes. */
bool answer_copy_word(const struct walk_value *value, char *word, size_t size);

/* Puts the members of a JSON object, given as text, into an object, in the place of those there. */
void answer_merge(struct cJSON *object, const char *json);

#endif
