#include "report/terminal/width.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clean.h"

/* Bytes of a UTF-8 text that make up its first `columns` letters. */
static size_t bytes_of(const char *text, int columns)
{
    size_t at = 0;

    while (text[at] && columns-- > 0) {
        at++;
        while (((unsigned char)text[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

int width_of(const char *text)
{
    int letters = 0;

    for (; *text; text++)
        letters += ((unsigned char)*text & 0xc0) != 0x80;
    return letters;
}

void width_fit(const char *from, int width, char *text, size_t size)
{
    char *cleaned = clean_copy(from, CLEAN_LINE);
    int letters = width_of(cleaned), tail = width / 2;

    if (letters <= width)
        snprintf(text, size, "%s", cleaned);
    else
        snprintf(text, size, "%.*s…%s", (int)bytes_of(cleaned, width - tail - 1), cleaned,
                 cleaned + bytes_of(cleaned, letters - tail));
    free(cleaned);
}
