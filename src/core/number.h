/* Numbers as they are written, where the value alone would lose something: a 64-bit seed has more
 * digits than a double, and 1.0 is not sent as 1. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

/* Whether the whole word is a number of JSON (RFC 8259, section 6). */
bool number_is_json(const char *word);

/* What a plain scalar of YAML 1.1 that is no number of JSON means (yaml.org/type/int, …/float, and
 * 0o17 of YAML 1.2). */
enum number_kind { NUMBER_NONE, NUMBER_SPELLED, NUMBER_UNSPEAKABLE };

/* Which number such a word is: none, one that JSON spells otherwise, which is added to `json`, or
 * one that JSON cannot hold (.inf, .nan, more than 64 bits of 0x…). */
enum number_kind number_of_yaml(const char *word, struct text *json);

/* Whether two numbers of JSON are the same: all digits of whole ones count, else the double. */
bool number_same(const char *a, const char *b);

/* The first number in JSON text from `json` on, outside of strings, and its length; NULL: none.
 * Called again behind each, it gives the numbers in the order in which a parser meets them. */
const char *number_next(const char *json, size_t *length);

#endif
