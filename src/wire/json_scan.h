/* One pass over a JSON text that checks all of it and notes where wanted values stand. No tree, no
 * copy, no allocation. Inside this room, but for the room for `scan_previous`.
 *
 * The scan is stricter than cJSON: what it accepts, cJSON reads with the same meaning. What it
 * refuses may be broken, or only rare: nested deeper than SCAN_DEPTH_MOST, a wanted value twice, a
 * rare one that holds something, parts in place of a string that varies, an escape in a name, a
 * surrogate or NUL as an escape, a control character in a string, a number of more than
 * SCAN_NUMBER_MOST characters, bytes behind the end. Then cJSON has to tell. */
#ifndef WIRE_JSON_SCAN_H
#define WIRE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum { SCAN_DEPTH_MOST = 32, SCAN_NUMBER_MOST = 63, SCAN_WANTS_MOST = 12 };

/* Names of members that make a scan refuse, unless what stands under them is null, false or empty:
 * they are looked for in every text, and say something in few. */
struct scan_rare {
    uint32_t lengths; /* the sum of SCAN_LENGTH of the names */
    uint8_t count;
    const char *const *name;
};

#define SCAN_LENGTH(name) (1u << (sizeof(name) - 1))

/* A wanted value: a member of an object, or the first element of an array. Wants form a table, in
 * the order of what they are in. 0 is the whole text, and only its `rare` counts; one left out
 * wants nothing. */
struct scan_want {
    uint8_t in;
    uint8_t name_length; /* up to 31; 0: the first element */
    const char *name;
    bool varies; /* a string, and each text is likely to have another one; refused where it is an
                  * object or a list */
    const struct scan_rare *rare; /* members of it; NULL: none */
};

/* clang-format off */
#define SCAN_MEMBER(in, name) {in, sizeof(name) - 1, name, false, NULL}
#define SCAN_OBJECT(in, name, rare) {in, sizeof(name) - 1, name, false, rare}
#define SCAN_STRING(in, name) {in, sizeof(name) - 1, name, true, NULL}
#define SCAN_FIRST(in) {in, 0, "", false, NULL}
#define SCAN_WHOLE(rare) {0, 0, "", false, rare}
/* clang-format on */

/* A value as it stands in the text, a string with its quotes; `at` is NULL where there is none. */
struct scan_value {
    const char *at;
    size_t length;
};

/* Whether the text is one JSON value (RFC 8259; UTF-8 is not checked) and none of the rarities
 * above. Fills found[i] for each of the `count` wants. */
bool json_scan(const char *json, size_t length, const struct scan_want *wants, size_t count,
               struct scan_value *found);

/* A text that was scanned, for the next to be compared with. Zeroed at first, then scan_forget. */
struct scan_previous {
    const struct scan_want *wants; /* NULL: there is none */
    struct text json;
    struct scan_value found[SCAN_WANTS_MOST]; /* in `json`, or where scan_like says */
    size_t varied;                            /* the want whose string may be another one */
    size_t head, tail; /* the bytes up to its opening quote and from its closing one on */
};

/* As json_scan, with `count` up to SCAN_WANTS_MOST; returns what is found, or NULL where json_scan
 * is false. Where a text differs from the one before in nothing but one string that varies, only
 * that string is scanned, and stands in the text; all else was scanned, and stands in the text
 * before, with the length that it had there. What is found stands until the next scan. */
const struct scan_value *scan_like(struct scan_previous *before, const char *json, size_t length,
                                   const struct scan_want *wants, size_t count);
void scan_forget(struct scan_previous *before);

/* What kind of value was found; one that was not found is none of these. */
bool scan_is_object(const struct scan_value *value);
bool scan_is_string(const struct scan_value *value);
bool scan_is_true(const struct scan_value *value);

/* Whether it is a string that is not empty. */
bool scan_is_some_text(const struct scan_value *value);

/* Whether it says nothing: not found, null or false. */
bool scan_is_nothing(const struct scan_value *value);

#endif
