/* NaN, Infinity and -Infinity, which Python's json module writes for numbers that JSON lacks
 * (docs.python.org/3/library/json.html, "Infinite and NaN Number Values"). */
#ifndef CORE_PYTHON_WORDS_H
#define CORE_PYTHON_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

/* Whether JSON text of `length` bytes may have any of these words outside of strings: then `copy`
 * gets the text with null for each of them. What is no JSON may be changed otherwise, and is none
 * afterwards either. The caller clears `copy` either way. */
bool python_words_hide(const char *json, size_t length, struct text *copy);

#endif
