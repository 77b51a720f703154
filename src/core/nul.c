#include "core/nul.h"

#include <string.h>

static const char escaped[] = "\\u0000", hidden[] = "\xc0\x80";

enum { ESCAPED = sizeof escaped - 1, HIDDEN = sizeof hidden - 1 };

bool nul_hide(const char *json, size_t length, struct text *copy)
{
    if (!memchr(json, '\0', length) && !memmem(json, length, escaped, ESCAPED))
        return false;
    for (size_t i = 0, taken; i < length; i += taken) {
        bool is_escape = json[i] == '\\', is_long = length - i >= ESCAPED;

        taken = is_escape && length - i > 1 ? 2 : 1; /* a backslash may stand before another */
        if (is_escape && is_long && memcmp(json + i, escaped, ESCAPED) == 0)
            taken = ESCAPED;
        if (json[i] == '\0' || taken == ESCAPED)
            text_add(copy, hidden, HIDDEN);
        else
            text_add(copy, json + i, taken);
    }
    return true;
}

void nul_show(struct text *text)
{
    size_t to = 0;

    for (size_t i = 0; i < text->length; to++) {
        bool is_hidden = text->length - i >= HIDDEN && memcmp(text->bytes + i, hidden, HIDDEN) == 0;

        text->bytes[to] = is_hidden ? '\0' : text->bytes[i];
        i += is_hidden ? HIDDEN : 1;
    }
    text->length = to;
    if (text->bytes)
        text->bytes[to] = '\0';
}
