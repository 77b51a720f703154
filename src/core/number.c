#include "core/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

/* How much of the text is a number of JSON; 0: nothing. */
static size_t json_length(const char *text)
{
    const char *at = text + (*text == '-');
    size_t whole = strspn(at, digits), part;

    if (whole == 0)
        return 0;
    at += *at == '0' ? 1 : whole;
    part = *at == '.' ? strspn(at + 1, digits) : 0;
    at += part > 0 ? 1 + part : 0;
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1 + (at[1] == '+' || at[1] == '-');

        part = strspn(exponent, digits);
        at = part > 0 ? exponent + part : at;
    }
    return (size_t)(at - text);
}

bool number_is_json(const char *word)
{
    size_t length = json_length(word);

    return length > 0 && word[length] == '\0';
}

/* --- YAML 1.1 --------------------------------------------------------------------------------- */

static bool is_made_of(const char *word, const char *letters)
{
    return *word && word[strspn(word, letters)] == '\0' && word[strspn(word, "_")] != '\0';
}

/* Its digits without underscores. */
static char *bare(const char *word)
{
    struct text text = {0};

    for (; *word; word++) {
        if (*word != '_')
            text_add_char(&text, *word);
    }
    return text_take(&text);
}

static enum number_kind add_whole(const char *digits_of, int base, bool negative, struct text *json)
{
    char *word = bare(digits_of);
    unsigned long long value;
    enum number_kind kind = NUMBER_UNSPEAKABLE;

    errno = 0;
    value = strtoull(word, NULL, base);
    if (errno == 0) {
        text_printf(json, "%s%llu", negative ? "-" : "", value);
        kind = NUMBER_SPELLED;
    }
    free(word);
    return kind;
}

/* 0x10, 0b11, 0o17, and 017, which YAML 1.1 takes for an octal number too. */
static enum number_kind of_base(const char *word, bool negative, struct text *json)
{
    static const struct {
        const char *prefix, *letters;
        int base;
    } bases[] = {{"0x", "0123456789abcdefABCDEF_", 16},
                 {"0b", "01_", 2},
                 {"0o", "01234567_", 8},
                 {"0", "01234567_", 8}};

    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        size_t length = strlen(bases[i].prefix);

        if (strncmp(word, bases[i].prefix, length) == 0 &&
            is_made_of(word + length, bases[i].letters))
            return add_whole(word + length, bases[i].base, negative, json);
    }
    return NUMBER_NONE;
}

/* 1:30 is ninety. */
static enum number_kind of_sixties(const char *word, bool negative, struct text *json)
{
    double value = 0;
    size_t parts = 0;

    if (!isdigit((unsigned char)*word))
        return NUMBER_NONE;
    for (;; word++) {
        size_t length = strspn(word, parts == 0 ? "0123456789_" : digits);

        if (length == 0 || (parts > 0 && (length > 2 || atoi(word) > 59)))
            return NUMBER_NONE;
        value = 60 * value + strtod(word, NULL);
        parts++;
        word += length;
        if (*word != ':')
            break;
    }
    if (parts < 2 || *word)
        return NUMBER_NONE;
    text_add_number(json, negative ? -value : value);
    return NUMBER_SPELLED;
}

/* +5, 1_000, .5, 5. and their like, digit by digit. */
static enum number_kind of_decimal(const char *word, bool negative, struct text *json)
{
    char *plain = bare(word);
    struct text spelled = {0};
    const char *at = plain;
    bool begins =
        isdigit((unsigned char)*word) || (*word == '.' && isdigit((unsigned char)word[1]));

    at += strspn(at, "0");
    at -= at > plain && !isdigit((unsigned char)*at); /* one zero stays before the point */
    text_printf(&spelled, "%s%s", negative ? "-" : "", *at == '.' ? "0" : "");
    for (; *at; at++) {
        text_add_char(&spelled, *at);
        if (*at == '.' && !isdigit((unsigned char)at[1]))
            text_add_char(&spelled, '0');
    }
    free(plain);
    begins = begins && number_is_json(spelled.bytes);
    if (begins)
        text_add(json, spelled.bytes, spelled.length);
    text_clear(&spelled);
    return begins ? NUMBER_SPELLED : NUMBER_NONE;
}

static bool is_unspeakable(const char *word)
{
    return strcasecmp(word, ".inf") == 0 || strcasecmp(word, ".nan") == 0;
}

enum number_kind number_of_yaml(const char *word, struct text *json)
{
    static enum number_kind (*const ways[])(const char *word, bool negative,
                                            struct text *json) = {of_base, of_sixties, of_decimal};
    bool negative = *word == '-';
    enum number_kind kind = NUMBER_NONE;

    if (number_is_json(word))
        return NUMBER_NONE;
    word += *word == '-' || *word == '+';
    if (is_unspeakable(word))
        return NUMBER_UNSPEAKABLE;
    if (word[0] == '0' && isdigit((unsigned char)word[1]) && !strpbrk(word, ".89:"))
        return of_base(word, negative, json);
    for (size_t i = 0; i < sizeof ways / sizeof *ways && kind == NUMBER_NONE; i++)
        kind = ways[i](word, negative, json);
    return kind;
}

/* --- Reading JSON ----------------------------------------------------------------------------- */

static bool is_whole(const char *number)
{
    return number[strspn(number, "-0123456789")] == '\0';
}

bool number_same(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    return !(is_whole(a) && is_whole(b)) && strtod(a, NULL) == strtod(b, NULL);
}

static const char *behind_string(const char *json)
{
    for (json++; *json && *json != '"'; json++)
        json += *json == '\\' && json[1];
    return *json ? json + 1 : json;
}

const char *number_next(const char *json, size_t *length)
{
    while (*json && *json != '-' && !isdigit((unsigned char)*json))
        json = *json == '"' ? behind_string(json) : json + 1;
    *length = json_length(json);
    return *length > 0 ? json : NULL;
}
