#include "core/secrets.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/undress.h"

enum {
    HEAD = 16,         /* bytes by which the beginning of a long needle is known */
    BASE64_PART = 6,   /* letters of base64 that an end may leave, for four bytes */
    HEX_PART = 8,      /* the same of hexadecimal */
    ESCAPES_DEPTH = 3, /* escapes of escapes */
};

/* One encoding of a secret. */
struct needle {
    char *bytes;
    size_t length;
    size_t part; /* the least that the end of a buffer may leave of it */
    bool word;   /* is struck out as a whole word only */
    bool base64; /* the letters beside it hold some of its bits */
};

struct secrets {
    struct needle *needle;
    size_t count;
};

/* --- Needles ---------------------------------------------------------------------------------- */

struct secrets *secrets_new(void)
{
    return memory_new(1, sizeof(struct secrets));
}

void secrets_free(struct secrets *secrets)
{
    if (!secrets)
        return;
    for (size_t i = 0; i < secrets->count; i++) {
        explicit_bzero(secrets->needle[i].bytes, secrets->needle[i].length);
        free(secrets->needle[i].bytes);
    }
    free(secrets->needle);
    free(secrets);
}

static bool is_known(const struct secrets *secrets, const struct needle *needle)
{
    for (size_t i = 0; i < secrets->count; i++) {
        const struct needle *one = &secrets->needle[i];

        if (one->length == needle->length && memcmp(one->bytes, needle->bytes, one->length) == 0)
            return true;
    }
    return false;
}

/* Takes the needle's bytes, which are as long as `length` says or longer. */
static void add_needle(struct secrets *secrets, struct needle needle)
{
    needle.bytes[needle.length] = '\0';
    if (needle.length < SECRETS_LEAST || is_known(secrets, &needle)) {
        free(needle.bytes);
        return;
    }
    secrets->needle = memory_grow(secrets->needle, secrets->count, sizeof *secrets->needle);
    secrets->needle[secrets->count++] = needle;
}

/* base64 with '-' and '_' (RFC 4648, section 5). */
static void add_base64(struct secrets *secrets, char *letters, size_t length, bool word)
{
    char *url = memory_bytes(letters, length);

    for (char *c = url; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    add_needle(secrets, (struct needle){letters, length, BASE64_PART, word, !word});
    add_needle(secrets, (struct needle){url, length, BASE64_PART, word, !word});
}

/* The letters that these bytes alone decide, where `offset` bytes stand before them. */
static void add_base64_at(struct secrets *secrets, const char *bytes, size_t length, size_t offset)
{
    size_t first = (8 * offset + 5) / 6, last = 8 * (offset + length) / 6;
    struct text padded = {0}, letters = {0};

    text_add(&padded, "\0\0", offset);
    text_add(&padded, bytes, length);
    text_add_base64(&letters, padded.bytes, padded.length);
    add_base64(secrets, memory_bytes(letters.bytes + first, last - first), last - first, false);
    explicit_bzero(padded.bytes, padded.length);
    explicit_bzero(letters.bytes, letters.length);
    text_clear(&padded);
    text_clear(&letters);
}

static void add_base64_anywhere(struct secrets *secrets, const char *bytes, size_t length)
{
    for (size_t offset = 0; offset < 3; offset++)
        add_base64_at(secrets, bytes, length, offset);
}

/* Of a short one a part is too little to go by: it stands behind "Bearer ", or alone. */
static void add_base64_of_short(struct secrets *secrets, const char *secret, size_t length)
{
    char *bearer = memory_printf("Bearer %s", secret);
    struct text letters = {0};

    add_base64_anywhere(secrets, bearer, strlen(bearer));
    text_add_base64(&letters, secret, length);
    letters.length -= (3 - length % 3) % 3; /* the padding */
    add_base64(secrets, memory_bytes(letters.bytes, letters.length), letters.length, true);
    text_clear(&letters);
    free(bearer);
}

static void add_hex(struct secrets *secrets, const char *secret, size_t length, bool word)
{
    static const char *const digits[] = {"0123456789abcdef", "0123456789ABCDEF"};

    for (size_t i = 0; i < 2; i++) {
        char *hex = memory_new(2 * length + 1, 1);

        for (size_t at = 0; at < length; at++) {
            hex[2 * at] = digits[i][(unsigned char)secret[at] >> 4];
            hex[2 * at + 1] = digits[i][(unsigned char)secret[at] & 15];
        }
        add_needle(secrets, (struct needle){hex, 2 * length, HEX_PART, word, false});
    }
}

/* A form writes '+' for a blank. */
static void add_plain(struct secrets *secrets, const char *secret, size_t length, bool word)
{
    char *form = memory_bytes(secret, length);

    for (char *c = form; *c; c++)
        *c = *c == ' ' ? '+' : *c;
    add_needle(secrets,
               (struct needle){memory_bytes(secret, length), length, SECRETS_LEAST, word, false});
    add_needle(secrets, (struct needle){form, length, SECRETS_LEAST, word, false});
}

static void add_all(struct secrets *secrets, const char *secret)
{
    size_t length = strlen(secret);
    bool word = length < SECRETS_ANYWHERE;

    if (length < SECRETS_LEAST)
        return;
    add_plain(secrets, secret, length, word);
    if (word)
        add_base64_of_short(secrets, secret, length);
    else
        add_base64_anywhere(secrets, secret, length);
    add_hex(secrets, secret, length, word);
}

/* "Bearer SECRET", "Basic SECRET": two words, and nothing else. */
static const char *second_word(const char *secret)
{
    const char *blank = strchr(secret, ' ');

    blank = blank ? blank + strspn(blank, " ") : NULL;
    return blank && *blank && !strchr(blank, ' ') ? blank : NULL;
}

void secrets_add(struct secrets *secrets, const char *secret)
{
    static const char around[] = " \t\"'";
    const char *begin = secret ? secret + strspn(secret, around) : "", *second;
    size_t length = strlen(begin);
    char *bare;

    while (length > 0 && strchr(around, begin[length - 1]))
        length--;
    bare = memory_bytes(begin, length);
    second = second_word(bare);
    add_all(secrets, bare);
    if (second && strlen(second) >= SECRETS_ANYWHERE)
        add_all(secrets, second);
    explicit_bzero(bare, length);
    free(bare);
}

/* --- Striking out ----------------------------------------------------------------------------- */

/* What is searched: bytes as they came, or behind their escapes. */
struct view {
    const struct undressed *undressed; /* NULL: as they came */
    char *bytes;
    size_t length;
    char *whole; /* as they came */
    size_t whole_length;
};

static size_t origin(const struct view *view, size_t at)
{
    return view->undressed ? view->undressed->origin[at] : at;
}

static void blot(const struct view *view, size_t from, size_t to)
{
    size_t begin = origin(view, from), end = origin(view, to);

    memset(view->bytes + from, '*', to - from);
    memset(view->whole + begin, '*', end - begin);
}

static bool is_of_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

static bool begins_word(const struct view *view, size_t at)
{
    return at == 0 || !is_of_word(view->bytes[at - 1]);
}

static bool ends_word(const struct view *view, size_t at)
{
    return at == view->length || !is_of_word(view->bytes[at]);
}

static bool is_base64(char byte)
{
    return is_of_word(byte) || strchr("+/-", byte);
}

static void strike_at(const struct view *view, const struct needle *needle, size_t from, size_t to)
{
    if (needle->base64 && from > 0 && view->bytes[from - 1] && is_base64(view->bytes[from - 1]))
        from--;
    if (needle->base64 && to < view->length && view->bytes[to] && is_base64(view->bytes[to]))
        to++;
    blot(view, from, to);
}

/* Where what stands of the needle from here ends. */
static size_t end_of(const struct view *view, const struct needle *needle, size_t from)
{
    size_t length = 0;

    while (length < needle->length && from + length < view->length &&
           view->bytes[from + length] == needle->bytes[length])
        length++;
    return from + length;
}

static void strike_anywhere(const struct view *view, const struct needle *needle)
{
    size_t head = needle->length < HEAD ? needle->length : HEAD, from = 0;
    const char *at;

    while ((at = memmem(view->bytes + from, view->length - from, needle->bytes, head))) {
        size_t to;

        from = (size_t)(at - view->bytes);
        to = end_of(view, needle, from);
        if (!needle->word || (begins_word(view, from) && ends_word(view, to)))
            strike_at(view, needle, from, to);
        from++;
    }
}

static void strike_at_end(const struct view *view, const struct needle *needle)
{
    size_t most = needle->length - 1 < view->length ? needle->length - 1 : view->length;

    for (size_t part = most; part >= needle->part; part--) {
        size_t from = view->length - part;

        if (memcmp(view->bytes + from, needle->bytes, part) == 0 &&
            (!needle->word || begins_word(view, from))) {
            memset(view->whole + origin(view, from), '*', view->whole_length - origin(view, from));
            strike_at(view, needle, from, view->length);
            return;
        }
    }
}

static void strike_view(const struct secrets *secrets, const struct view *view)
{
    for (size_t i = 0; i < secrets->count && view->length > 0; i++) {
        strike_anywhere(view, &secrets->needle[i]);
        strike_at_end(view, &secrets->needle[i]);
    }
}

void secrets_strike(const struct secrets *secrets, char *bytes, size_t length)
{
    struct undressed undressed = {0};
    struct view view = {NULL, bytes, length, bytes, length};

    if (!secrets || secrets->count == 0 || length == 0)
        return;
    strike_view(secrets, &view);
    for (int depth = 0; depth < ESCAPES_DEPTH && undress(&undressed, bytes, length); depth++) {
        view = (struct view){&undressed, undressed.bytes, undressed.length, bytes, length};
        strike_view(secrets, &view);
    }
    undressed_clear(&undressed);
}
