#include "store/response_scan.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/memory.h"

enum { KEYS_MOST = 128, KEY_MOST = 71, NUMBER_MOST = 63, DEPTH_MOST = 16 };

/* A member of an object before, by its place among the others. */
struct known {
    uint8_t length; /* 0: none was here */
    uint8_t key;
    char spelled[KEY_MOST + 1];
};

struct response_scan {
    struct known known[KEYS_MOST];
    struct response_members *members; /* of the object that is being read */
    uint64_t seen;                    /* its keys so far, one bit each */
};

static_assert(RESPONSE_ALL_KEYS < 64, "each key has its bit");

struct response_scan *response_scan_new(void)
{
    return memory_new(1, sizeof(struct response_scan));
}

void response_scan_free(struct response_scan *scan)
{
    free(scan);
}

/* --- Any JSON ---------------------------------------------------------------------------------
 * A NUL ends the text, and belongs to nothing. NULL where cJSON is to look: it takes more than RFC
 * 8259 does. */

static const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
        at++;
    return at;
}

/* The escape behind a backslash. Beyond \u00XX cJSON looks for pairs. */
static const char *skip_escape(const char *at)
{
    if (*at == 'u')
        return at[1] == '0' && at[2] == '0' && isxdigit((unsigned char)at[3]) &&
                       isxdigit((unsigned char)at[4])
                   ? at + 5
                   : NULL;
    return *at && strchr("\"\\/bfnrt", *at) ? at + 1 : NULL;
}

/* From behind the first quote to behind the last one; `*plain` where it is spelled as it is. */
static const char *skip_string(const char *at, bool *plain)
{
    *plain = true;
    while (at && *at != '"') {
        if ((unsigned char)*at < ' ')
            return NULL;
        if (*at == '\\') {
            *plain = false;
            at = skip_escape(at + 1);
        } else {
            at++;
        }
    }
    return at ? at + 1 : NULL;
}

/* What cJSON takes for a number is no longer. */
static const char *read_number(const char *at, double *value)
{
    const char *end = decimal_read(at, value);

    return end && end - at <= NUMBER_MOST ? end : NULL;
}

static const char *skip_word(const char *at, const char *word)
{
    size_t length = strlen(word);

    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

/* null, and what Python's json module writes for numbers that JSON lacks (core/python_words.h). */
static const char *skip_null(const char *at)
{
    static const char *const words[] = {"null", "NaN", "Infinity", "-Infinity"};
    const char *end = NULL;

    for (size_t i = 0; i < sizeof words / sizeof *words && !end; i++)
        end = skip_word(at, words[i]);
    return end;
}

static const char *skip_value(const char *at, int depth);

/* A member's key and its colon. */
static const char *skip_key(const char *at)
{
    bool plain;

    at = *at == '"' ? skip_string(at + 1, &plain) : NULL;
    if (!at)
        return NULL;
    at = skip_space(at);
    return *at == ':' ? skip_space(at + 1) : NULL;
}

/* From behind the first bracket of an array or an object to behind the last. */
static const char *skip_nested(const char *at, char last, int depth)
{
    at = skip_space(at);
    if (*at == last)
        return at + 1;
    while (at) {
        at = last == '}' ? skip_key(at) : at;
        at = at ? skip_value(at, depth) : NULL;
        at = at ? skip_space(at) : NULL;
        if (at && *at == last)
            return at + 1;
        at = at && *at == ',' ? skip_space(at + 1) : NULL;
    }
    return NULL;
}

static const char *skip_value(const char *at, int depth)
{
    const char *end;
    bool plain;

    if (*at == '"')
        return skip_string(at + 1, &plain);
    if (*at == '[' || *at == '{')
        return depth < DEPTH_MOST ? skip_nested(at + 1, *at == '[' ? ']' : '}', depth + 1) : NULL;
    if (*at == 't' || *at == 'f')
        return skip_word(at, *at == 't' ? "true" : "false");
    end = read_number(at, NULL);
    return end ? end : skip_null(at);
}

/* --- Members ---------------------------------------------------------------------------------- */

/* The key of the member at place `place`, which is spelled so, as far as it can be remembered. */
static enum response_key find_key(struct response_scan *scan, size_t place, const char *spelled,
                                  size_t length)
{
    struct known *known = &scan->known[place];

    if (length > 0 && known->length == length && memcmp(known->spelled, spelled, length) == 0)
        return (enum response_key)known->key;
    memcpy(known->spelled, spelled, length);
    known->spelled[length] = '\0';
    known->length = (uint8_t)length;
    known->key = (uint8_t)response_key_find(known->spelled);
    return (enum response_key)known->key;
}

/* NULL where it has escapes, which are to be read. */
static const char *read_text(const char *at, struct response_member *member)
{
    bool plain;
    const char *end = skip_string(at + 1, &plain);

    member->kind = RESPONSE_TEXT;
    member->text = at + 1;
    member->length = end ? (size_t)(end - at) - 2 : 0;
    return plain ? end : NULL;
}

static const char *read_member(const char *at, struct response_member *member)
{
    const char *end;

    if (*at == '"')
        return read_text(at, member);
    end = read_number(at, &member->number);
    member->kind = RESPONSE_NUMBER;
    if (end)
        return end;
    end = skip_null(at);
    member->kind = end ? RESPONSE_NULL : RESPONSE_OTHER;
    return end ? end : skip_value(at, 0);
}

static const char *read_metric(const char *at, double *value)
{
    struct response_member member = {.kind = RESPONSE_ABSENT};
    const char *end = read_member(at, &member);

    if (end)
        *value = response_member_number(&member);
    return end;
}

/* Behind the list's bracket. NULL is no number, and so is their sum then. */
static const char *read_gaps(const char *at, struct response_members *members)
{
    double gap;
    const char *end;

    at = skip_space(at);
    if (*at == ']')
        return at + 1;
    members->chunks_s = 0;
    for (;;) {
        gap = NAN;
        end = read_number(at, &gap);
        end = end ? end : skip_null(at);
        if (!end)
            return NULL;
        members->chunks++;
        members->chunks_s += isfinite(gap) ? gap : NAN;
        at = skip_space(end);
        if (*at == ']')
            return at + 1;
        if (*at != ',')
            return NULL;
        at = skip_space(at + 1);
    }
}

static const char *read_value(struct response_scan *scan, enum response_key key, const char *at)
{
    struct response_members *members = scan->members;

    if (key == RESPONSE_NO_KEY)
        return skip_value(at, 0);
    if (scan->seen & (UINT64_C(1) << key))
        return NULL; /* which of them counts, cJSON knows */
    scan->seen |= UINT64_C(1) << key;
    if (key == RESPONSE_GAPS)
        return *at == '[' ? read_gaps(at + 1, members) : skip_null(at);
    return key < RESPONSE_KEYS ? read_member(at, &members->member[key])
                               : read_metric(at, &members->metric[key - RESPONSE_METRICS]);
}

/* The member at place `place`, from its key's quote to behind its value. */
static const char *read_pair(struct response_scan *scan, size_t place, const char *at)
{
    const char *first = at + 1, *end;
    enum response_key key;
    bool plain;

    end = *at == '"' ? skip_string(first, &plain) : NULL;
    if (!end || !plain || end - first - 1 > KEY_MOST || place >= KEYS_MOST)
        return NULL;
    key = find_key(scan, place, first, (size_t)(end - first) - 1);
    at = skip_space(end);
    return *at == ':' ? read_value(scan, key, skip_space(at + 1)) : NULL;
}

const char *response_scan_object(struct response_scan *scan, const char *text,
                                 struct response_members *members)
{
    const char *at = *text == '{' ? skip_space(text + 1) : NULL;

    response_members_init(members);
    scan->members = members;
    scan->seen = 0;
    if (at && *at == '}')
        return at + 1;
    for (size_t place = 0; at; place++) {
        at = read_pair(scan, place, at);
        at = at ? skip_space(at) : NULL;
        if (at && *at == '}')
            return at + 1;
        at = at && *at == ',' ? skip_space(at + 1) : NULL;
    }
    return NULL;
}
