#include "core/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clean.h"
#include "core/memory.h"

/* Twice the room, or where that is much, a quarter more: memory_prepare's blocks grow in place. */
static void make_room(struct text *text, size_t more)
{
    size_t need = text->length + more + 1;
    size_t room = text->room ? text->room : 64;

    if (need <= text->room)
        return;
    while (room < need)
        room += room < MEMORY_LARGE ? room : room / 4;
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

void text_add_markdown(struct text *text, const char *string)
{
    for (; *string; string++) {
        if (strchr("\\`*_{}[]#|<>&", *string))
            text_add_char(text, '\\');
        text_add_char(text, (unsigned char)*string < 0x20 ? ' ' : *string);
    }
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

/* How many bytes stand as they are. */
static size_t plain_length(const char *string)
{
    size_t length = 0;

    while (string[length] >= 0x20 && string[length] < 0x7f && string[length] != '"' &&
           string[length] != '\\')
        length++;
    return length;
}

/* Adds the letter that begins there, and returns what stands behind it. */
static const char *add_next_letter(struct text *text, const char *string)
{
    size_t length = text_utf8_length(string);

    if (string[0] == '\xc0' && string[1] == '\x80') { /* a NUL (nul.h) */
        text_add_string(text, "\\u0000");
        return string + 2;
    }
    if (*string == '"' || *string == '\\')
        text_add_char(text, '\\');
    add_json_letter(text, string, length);
    return string + (length ? length : 1);
}

void text_add_json(struct text *text, const char *string)
{
    text_add_char(text, '"');
    while (*string) {
        size_t plain = plain_length(string);

        text_add(text, string, plain);
        string += plain;
        if (*string)
            string = add_next_letter(text, string);
    }
    text_add_char(text, '"');
}

/* Writes a whole number from 0 up so that it ends at `at`, and returns where it begins. */
static char *write_whole(char *at, int64_t number)
{
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return at;
}

/* A number of at most 15 digits, nine of them behind the point, in its shortest form. */
static void add_billionths(struct text *text, int64_t billionths)
{
    char digits[24];
    int64_t left = billionths < 0 ? -billionths : billionths;
    char *at = digits + sizeof digits;
    int fraction = billionths == 0 ? 0 : 9;

    for (; fraction > 0 && left % 10 == 0; fraction--)
        left /= 10;
    for (; fraction > 0; fraction--, left /= 10)
        *--at = (char)('0' + left % 10);
    if (at < digits + sizeof digits)
        *--at = '.';
    at = write_whole(at, left);
    if (billionths < 0)
        *--at = '-';
    text_add(text, at, (size_t)(digits + sizeof digits - at));
}

/* Most numbers in our files count whole things or come from nanoseconds, and printf is slow. Both
 * are decimals of at most 15 digits, of which a double holds each as its own (DBL_DIG): one that is
 * the closest double to such a decimal has no shorter form. Smaller ones printf writes with an
 * exponent. */
static bool add_if_plain(struct text *text, double number)
{
    static const double most = 1e6, least = 1e-4, scale = 1e9;
    double billionths = nearbyint(number * scale);

    if (!(fabs(number) < most && fabs(number) >= least) || billionths / scale != number)
        return false;
    add_billionths(text, (int64_t)billionths);
    return true;
}

void text_add_number(struct text *text, double number)
{
    char digits[32];

    if (!isfinite(number)) {
        text_add_string(text, "null");
        return;
    }
    if (add_if_plain(text, number))
        return;
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    text_add_string(text, digits);
}

void text_add_seconds(struct text *text, int64_t ns)
{
    add_billionths(text, ns);
}

void text_add_size(struct text *text, size_t number)
{
    char digits[24];
    char *end = digits + sizeof digits;
    const char *at = write_whole(end, (int64_t)number);

    text_add(text, at, (size_t)(end - at));
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

void text_copy_printable(const char *bytes, size_t length, char *to, size_t size)
{
    size_t kept = length < size - 1 ? length : size - 1;

    if (kept < length) {
        while (kept > 0 && ((unsigned char)bytes[kept] & 0xc0) == 0x80)
            kept--;
    }
    memcpy(to, bytes, kept);
    clean(to, kept, CLEAN_LINE, ' ');
    to[kept] = '\0';
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
