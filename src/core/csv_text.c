#include "core/csv_text.h"

#include <string.h>

void csv_add_text(struct text *text, const char *cell)
{
    text_add_char(text, '"');
    if (*cell && strchr("=+-@\t", *cell))
        text_add_char(text, ' ');
    while (*cell) {
        size_t length = text_utf8_length(cell);

        if (*cell == '"')
            text_add_char(text, '"');
        if (length > 0)
            text_add(text, cell, length);
        else
            text_add_string(text, "\xef\xbf\xbd");
        cell += length > 0 ? length : 1;
    }
    text_add_char(text, '"');
}
