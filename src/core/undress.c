#include "core/undress.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* An escape: how many bytes it takes (0: none begins there), and the code point it means. */
struct escape {
    size_t length;
    uint32_t code;
    bool cut;     /* the end of the text cuts it off */
    bool is_byte; /* of a URL: a byte, and no code point */
};

static const struct escape cut_off = {.cut = true};

/* Exactly `digits` hexadecimal ones behind `start` bytes of introduction. */
static struct escape read_hex(const char *at, size_t left, size_t start, size_t digits)
{
    struct escape escape = {.length = start + digits};

    for (size_t i = start; i < start + digits; i++) {
        char digit[2] = {0};

        if (i == left)
            return cut_off;
        if (!isxdigit((unsigned char)at[i]))
            return (struct escape){0};
        digit[0] = at[i];
        escape.code = 16 * escape.code + (uint32_t)strtoul(digit, NULL, 16);
    }
    return escape;
}

static struct escape read_backslash(const char *at, size_t left)
{
    static const char letters[] = "\\/\"'bfnrt", means[] = "\\/\"'\b\f\n\r\t";
    const char *letter;

    if (left == 1)
        return cut_off;
    if (at[1] == 'u')
        return read_hex(at, left, 2, 4);
    if (at[1] == 'x')
        return read_hex(at, left, 2, 2);
    letter = at[1] ? strchr(letters, at[1]) : NULL;
    return letter ? (struct escape){.length = 2, .code = (unsigned char)means[letter - letters]}
                  : (struct escape){0};
}

static struct escape read_percent(const char *at, size_t left)
{
    struct escape escape = read_hex(at, left, 1, 2);

    escape.is_byte = true;
    return escape;
}

enum { ENTITY_MOST = 10 };

/* "&#115;", "&#x73;" */
static struct escape read_number(const char *at, size_t length)
{
    bool hex = length > 3 && (at[2] == 'x' || at[2] == 'X');
    char digits[ENTITY_MOST + 1] = {0}, *end;
    struct escape escape = {.length = length};

    memcpy(digits, at + (hex ? 3 : 2), length - (hex ? 4 : 3));
    escape.code = (uint32_t)strtoul(digits, &end, hex ? 16 : 10);
    return digits[0] && !*end ? escape : (struct escape){0};
}

static struct escape read_entity(const char *at, size_t left)
{
    static const struct {
        const char *name;
        char means;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    size_t length = 1;

    while (length < left && length < ENTITY_MOST &&
           (isalnum((unsigned char)at[length]) || at[length] == '#'))
        length++;
    if (length == left)
        return cut_off;
    if (at[length++] != ';')
        return (struct escape){0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == length && memcmp(names[i].name, at, length) == 0)
            return (struct escape){.length = length, .code = (unsigned char)names[i].means};
    }
    return at[1] == '#' && length > 3 ? read_number(at, length) : (struct escape){0};
}

static struct escape read_escape(const char *at, size_t left)
{
    switch (*at) {
    case '\\':
        return read_backslash(at, left);
    case '%':
        return read_percent(at, left);
    case '&':
        return read_entity(at, left);
    default:
        return (struct escape){0};
    }
}

static void add_byte(struct undressed *to, unsigned char byte, uint32_t origin)
{
    to->bytes[to->length] = (char)byte;
    to->origin[to->length++] = origin;
}

/* As UTF-8 (RFC 3629), which takes no more bytes than the escape did. */
static void add_code(struct undressed *to, uint32_t code, uint32_t origin)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (code > 0x10ffff)
        return;
    add_byte(to, (unsigned char)(lead[length] | code >> 6 * (length - 1)), origin);
    while (--length > 0)
        add_byte(to, (unsigned char)(0x80 | (code >> 6 * (length - 1) & 0x3f)), origin);
}

static bool has_escapes(const char *bytes, size_t length)
{
    return memchr(bytes, '\\', length) || memchr(bytes, '%', length) || memchr(bytes, '&', length);
}

/* Reads `from`, whose origins are `origin` (NULL: where they stand); false where nothing changed.
 */
static bool read_layer(struct undressed *to, const char *from, size_t length,
                       const uint32_t *origin)
{
    bool changed = false;
    size_t at = 0;

    while (at < length) {
        struct escape escape = read_escape(from + at, length - at);
        uint32_t start = origin ? origin[at] : (uint32_t)at;

        changed |= escape.length > 0 || escape.cut;
        if (escape.cut)
            break;
        if (escape.length == 0)
            add_byte(to, (unsigned char)from[at], start);
        else if (escape.is_byte)
            add_byte(to, (unsigned char)escape.code, start);
        else
            add_code(to, escape.code, start);
        at += escape.length > 0 ? escape.length : 1;
    }
    to->origin[to->length] = origin ? origin[at] : (uint32_t)at;
    return changed;
}

bool undress(struct undressed *undressed, const char *text, size_t length)
{
    const char *from = undressed->bytes ? undressed->bytes : text;
    size_t count = undressed->bytes ? undressed->length : length;
    struct undressed next = {0};

    if (length > UINT32_MAX || !has_escapes(from, count))
        return false;
    next.bytes = memory_new(count + 1, 1);
    next.origin = memory_new(count + 1, sizeof *next.origin);
    if (!read_layer(&next, from, count, undressed->origin)) {
        undressed_clear(&next);
        return false;
    }
    undressed_clear(undressed);
    *undressed = next;
    return true;
}

void undressed_clear(struct undressed *undressed)
{
    if (undressed->bytes)
        explicit_bzero(undressed->bytes, undressed->length);
    free(undressed->bytes);
    free(undressed->origin);
    *undressed = (struct undressed){0};
}
