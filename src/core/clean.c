#include "core/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* A letter in UTF-8, and how many bytes it takes; 0: it is none. */
static size_t read_letter(const char *at, size_t left, uint32_t *code)
{
    char bytes[5] = {0};
    size_t length;

    memcpy(bytes, at, left < 4 ? left : 4);
    length = text_utf8_length(bytes);
    if (length > left || (length == 1 && (unsigned char)*at >= 0x80))
        return 0;
    *code = length < 2 ? (unsigned char)*at : (unsigned char)*at & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++)
        *code = *code << 6 | ((unsigned char)at[i] & 0x3f);
    return length;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Marks, embeddings, overrides and isolates; separators of lines and paragraphs stand among them.
 */
static bool turns_text(uint32_t code)
{
    return code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static bool belongs(uint32_t code, enum clean_for where)
{
    bool blank = code == '\n' || code == '\t';

    if (where == CLEAN_XML)
        return blank || code == '\r' || (code >= 0x20 && code != 0xfffe && code != 0xffff);
    if (where == CLEAN_LINES && blank)
        return true;
    return !is_control(code) && !turns_text(code);
}

/* Nearly every byte: it belongs everywhere. */
static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

void clean(char *bytes, size_t length, enum clean_for where, char with)
{
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t letter;

        if (is_plain(bytes[at])) {
            at++;
            continue;
        }
        letter = read_letter(bytes + at, length - at, &code);

        if (letter == 0)
            bytes[at++] = '?';
        else if (!belongs(code, where))
            memset(bytes + at, with, letter);
        at += letter;
    }
}

char *clean_copy(const char *text, enum clean_for where)
{
    char *copy = memory_text(text);

    clean(copy, strlen(copy), where, '?');
    return copy;
}
