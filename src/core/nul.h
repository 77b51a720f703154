/* U+0000 inside C strings, which would end there. JSON texts may hold it, as \u0000; inside this
 * program it then stands as C0 80, a form that no UTF-8 text has (as in Java's modified UTF-8), and
 * text_add_json (text.h) writes that as \u0000 again. */
#ifndef CORE_NUL_H
#define CORE_NUL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

/* Adds to `copy` a JSON text in which each \u0000 and each bare NUL, which JSON does not have but
 * readers take, is C0 80. False, and nothing is added, where it has none. */
bool nul_hide(const char *json, size_t length, struct text *copy);

/* Makes each C0 80 of a text a NUL byte, for readers that go by the length. */
void nul_show(struct text *text);

#endif
