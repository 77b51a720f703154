#include "core/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static void make_room(struct text *text, size_t more)
{
    size_t need = text->length + more + 1;
    size_t room = text->room ? text->room : 64;

    if (need <= text->room)
        return;
    while (room < need)
        room *= 2;
    text->bytes = memory_resize(text->bytes, room, 1);
    text->room = room;
}

void text_add(struct text *text, const void *bytes, size_t length)
{
    make_room(text, length);
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char byte)
{
    text_add(text, &byte, 1);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    char *added;

    va_start(arguments, format);
    added = memory_vprintf(format, arguments);
    va_end(arguments);
    text_add_string(text, added);
    free(added);
}

size_t text_utf8_length(const char *string)
{
    const unsigned char *s = (const unsigned char *)string;
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (s[0] > 0xf4 || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0; /* too long a form, a surrogate, or past the last code point */
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

static void add_json_letter(struct text *text, const char *letter, size_t length)
{
    if (length == 0)
        text_add_string(text, "\xef\xbf\xbd");
    else if ((unsigned char)*letter < 0x20)
        text_printf(text, "\\u%04x", (unsigned)*letter);
    else
        text_add(text, letter, length);
}

void text_add_json(struct text *text, const char *string)
{
    text_add_char(text, '"');
    while (*string) {
        size_t length = text_utf8_length(string);

        if (*string == '"' || *string == '\\')
            text_add_char(text, '\\');
        add_json_letter(text, string, length);
        string += length ? length : 1;
    }
    text_add_char(text, '"');
}

void text_add_number(struct text *text, double number)
{
    char digits[32];

    if (!isfinite(number)) {
        text_add_string(text, "null");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    text_add_string(text, digits);
}

void text_add_base64(struct text *text, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = bytes;

    make_room(text, (length + 2) / 3 * 4);
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) |
                         (left > 2 ? in[i + 2] : 0);

        text_add_char(text, digits[group >> 18]);
        text_add_char(text, digits[group >> 12 & 63]);
        text_add_char(text, left > 1 ? digits[group >> 6 & 63] : '=');
        text_add_char(text, left > 2 ? digits[group & 63] : '=');
    }
}

void text_reset(struct text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

char *text_take(struct text *text)
{
    char *bytes;

    make_room(text, 0);
    text->bytes[text->length] = '\0';
    bytes = text->bytes;
    *text = (struct text){0};
    return bytes;
}

void text_clear(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
