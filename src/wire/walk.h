/* One pass over a JSON text that checks all of it and notes where wanted values stand. No tree, no
 * copy, no allocation. Inside this room, but for the room for `walk_before`.
 *
 * The walk is stricter than cJSON: what it accepts, cJSON reads with the same meaning. What it
 * refuses may be broken, or only rare: nested deeper than WALK_DEPTH_MOST, a wanted value twice, an
 * escape in a name, a surrogate or NUL as an escape, a control character in a string, a number of
 * more than WALK_NUMBER_MOST characters, bytes behind the end. Then cJSON has to tell. */
#ifndef WIRE_WALK_H
#define WIRE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum { WALK_DEPTH_MOST = 32, WALK_NUMBER_MOST = 63, WALK_WANTS_MOST = 12 };

/* A wanted value: a member of an object, or the first element of an array. Wants form a table, in
 * the order of what they are in. 0 is the whole text and has no entry; one left out wants nothing.
 */
struct walk_want {
    uint8_t in;
    uint8_t name_length; /* 0: the first element */
    const char *name;
    bool varies; /* where it is a string: each text is likely to have another one */
};

/* clang-format off */
#define WALK_MEMBER(in, name) {in, sizeof(name) - 1, name, false}
#define WALK_STRING(in, name) {in, sizeof(name) - 1, name, true}
#define WALK_FIRST(in) {in, 0, "", false}
/* clang-format on */

/* A value as it stands in the text, a string with its quotes; `at` is NULL where there is none. */
struct walk_value {
    const char *at;
    size_t length;
};

/* Whether the text is one JSON value (RFC 8259; UTF-8 is not checked) and none of the rarities
 * above. Fills found[i] for each of the `count` wants. */
bool walk_json(const char *json, size_t length, const struct walk_want *wants, size_t count,
               struct walk_value *found);

/* A text that was walked, for the next to be compared with. Zeroed at first, then walk_forget. */
struct walk_before {
    const struct walk_want *wants;
    struct text json;
    struct walk_value found[WALK_WANTS_MOST]; /* in `json` */
    size_t varied;                            /* the want whose string may be another one */
};

/* As walk_json, with `count` up to WALK_WANTS_MOST. Where a text differs from the one before in
 * nothing but one string that varies, only that string is walked: all the rest was. */
bool walk_like(struct walk_before *before, const char *json, size_t length,
               const struct walk_want *wants, size_t count, struct walk_value *found);
void walk_forget(struct walk_before *before);

/* What kind of value was found; one that was not found is none of these. */
bool walk_is_object(const struct walk_value *value);
bool walk_is_string(const struct walk_value *value);
bool walk_is_true(const struct walk_value *value);

/* Whether it is a string that is not empty. */
bool walk_is_some_text(const struct walk_value *value);

/* Whether it says nothing: not found, null or false. */
bool walk_is_nothing(const struct walk_value *value);

#endif
