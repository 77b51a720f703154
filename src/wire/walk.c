#include "wire/walk.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Every step takes the place where it begins and returns the place behind what it took, or NULL
 * where that is refused. */
struct walk {
    const char *end;
    const struct walk_want *wants;
    int count;
    struct walk_value *found;
    int depth;
};

/* Where a want's number is expected: a value that is none. */
enum { UNWANTED = -1 };

static const char *take_nested(struct walk *walk, const char *at, int in);

static inline const char *skip_blanks(const struct walk *walk, const char *at)
{
    while (at < walk->end && (unsigned char)*at <= ' ') {
        if (*at != ' ' && *at != '\n' && *at != '\r' && *at != '\t')
            break;
        at++;
    }
    return at;
}

static inline bool stands(const struct walk *walk, const char *at, char byte)
{
    return at < walk->end && *at == byte;
}

/* --- Strings --------------------------------------------------------------------------------- */

/* Sixteen bytes at once, where the machine can; compilers know how it does. */
typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* The first of eight marked bytes, each 0 or 0xff. */
static inline int first_marked(uint64_t marks)
{
    return __builtin_ctzll(le64toh(marks)) / 8;
}

/* Goes to the next quote, backslash or control character, or to the end. */
static inline const char *skip_plain(const struct walk *walk, const char *at)
{
    while (walk->end - at >= 16) {
        bytes16 bytes;
        uint64_t marks[2];

        memcpy(&bytes, at, sizeof bytes);
        bytes = (bytes16)((bytes == '"') | (bytes == '\\') | (bytes < 0x20));
        memcpy(marks, &bytes, sizeof marks);
        if (marks[0])
            return at + first_marked(marks[0]);
        if (marks[1])
            return at + 8 + first_marked(marks[1]);
        at += 16;
    }
    while (at < walk->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return at;
}

static int hex_digit(char byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

/* Four digits that name a character by themselves: no surrogate, and not NUL, which would end
 * cJSON's text early. */
static const char *take_code(const struct walk *walk, const char *at)
{
    unsigned code = 0;

    if (walk->end - at < 4)
        return NULL;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return NULL;
        code = code << 4 | (unsigned)digit;
    }
    return code == 0 || (code >= 0xd800 && code <= 0xdfff) ? NULL : at + 4;
}

static const char *take_escape(const struct walk *walk, const char *at)
{
    if (at == walk->end)
        return NULL;
    if (*at == 'u')
        return take_code(walk, at + 1);
    return memchr("\"\\/bfnrt", *at, 8) ? at + 1 : NULL;
}

/* From behind the opening quote. */
static const char *take_string(const struct walk *walk, const char *at)
{
    while (at) {
        at = skip_plain(walk, at);
        if (at == walk->end)
            return NULL;
        if (*at == '"')
            return at + 1;
        at = *at == '\\' ? take_escape(walk, at + 1) : NULL;
    }
    return NULL;
}

/* --- Numbers and literals -------------------------------------------------------------------- */

static const char *skip_digits(const struct walk *walk, const char *at)
{
    while (at < walk->end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* At least one digit. */
static const char *take_digits(const struct walk *walk, const char *at)
{
    const char *behind = skip_digits(walk, at);

    return behind > at ? behind : NULL;
}

static const char *take_number(const struct walk *walk, const char *start)
{
    const char *at = start + (*start == '-');

    at = stands(walk, at, '0') ? at + 1 : take_digits(walk, at);
    if (at && stands(walk, at, '.'))
        at = take_digits(walk, at + 1);
    if (at && (stands(walk, at, 'e') || stands(walk, at, 'E'))) {
        at++;
        at = take_digits(walk, at + (stands(walk, at, '+') || stands(walk, at, '-')));
    }
    return at && at - start <= WALK_NUMBER_MOST ? at : NULL;
}

static const char *take_word(const struct walk *walk, const char *at, const char *word,
                             size_t length)
{
    return (size_t)(walk->end - at) >= length && memcmp(at, word, length) == 0 ? at + length : NULL;
}

/* --- Objects and arrays ---------------------------------------------------------------------- */

/* The wants inside one value: they stand together, in the table from `first` to before `behind`. */
struct group {
    int first, behind;
};

static struct group find_group(const struct walk *walk, int in)
{
    struct group group = {0, 0};

    if (in == UNWANTED)
        return group;
    group.first = in + 1;
    while (group.first < walk->count && walk->wants[group.first].in < in)
        group.first++;
    group.behind = group.first;
    while (group.behind < walk->count && walk->wants[group.behind].in == in)
        group.behind++;
    return group;
}

static inline int find_want(const struct walk *walk, struct group group, const char *name,
                            size_t length)
{
    for (int i = group.first; i < group.behind; i++) {
        const struct walk_want *want = &walk->wants[i];

        if (want->name_length == length && memcmp(want->name, name, length) == 0)
            return i;
    }
    return UNWANTED;
}

/* "name": and what is wanted under it. A name with an escape is refused: it may spell a wanted one.
 */
static inline const char *take_name(const struct walk *walk, const char *at, struct group group,
                                    int *want)
{
    const char *name = at + 1;

    if (!stands(walk, at, '"'))
        return NULL;
    at = skip_plain(walk, name);
    if (!stands(walk, at, '"'))
        return NULL;
    *want = at == name ? UNWANTED : find_want(walk, group, name, (size_t)(at - name));
    at = skip_blanks(walk, at + 1);
    return stands(walk, at, ':') ? skip_blanks(walk, at + 1) : NULL;
}

static inline const char *take_any(struct walk *walk, const char *at, int want)
{
    if (at == walk->end)
        return NULL;
    switch (*at) {
    case '"':
        return take_string(walk, at + 1);
    case '{':
    case '[':
        return take_nested(walk, at, want);
    case 'n':
        return take_word(walk, at, "null", 4);
    case 't':
        return take_word(walk, at, "true", 4);
    case 'f':
        return take_word(walk, at, "false", 5);
    default:
        return take_number(walk, at);
    }
}

static inline const char *take_value(struct walk *walk, const char *at, int want)
{
    const char *behind = take_any(walk, at, want);

    if (behind && want != UNWANTED) {
        struct walk_value *found = &walk->found[want];

        if (found->at) /* twice: which of them counts, cJSON knows */
            return NULL;
        *found = (struct walk_value){at, (size_t)(behind - at)};
    }
    return behind;
}

/* From behind the opening brace. */
static const char *take_members(struct walk *walk, const char *at, struct group group)
{
    at = skip_blanks(walk, at);
    if (stands(walk, at, '}'))
        return at + 1;
    for (;;) {
        int want = UNWANTED;

        at = take_name(walk, at, group, &want);
        at = at ? take_value(walk, at, want) : NULL;
        if (!at)
            return NULL;
        at = skip_blanks(walk, at);
        if (!stands(walk, at, ','))
            return stands(walk, at, '}') ? at + 1 : NULL;
        at = skip_blanks(walk, at + 1);
    }
}

/* From behind the opening bracket. */
static const char *take_elements(struct walk *walk, const char *at, struct group group)
{
    int want = find_want(walk, group, "", 0);

    at = skip_blanks(walk, at);
    if (stands(walk, at, ']'))
        return at + 1;
    for (;; want = UNWANTED) { /* only the first is wanted */
        at = take_value(walk, at, want);
        if (!at)
            return NULL;
        at = skip_blanks(walk, at);
        if (!stands(walk, at, ','))
            return stands(walk, at, ']') ? at + 1 : NULL;
        at = skip_blanks(walk, at + 1);
    }
}

static const char *take_nested(struct walk *walk, const char *at, int in)
{
    struct group group = find_group(walk, in);

    if (++walk->depth > WALK_DEPTH_MOST)
        return NULL;
    at = *at == '{' ? take_members(walk, at + 1, group) : take_elements(walk, at + 1, group);
    walk->depth--;
    return at;
}

bool walk_json(const char *json, size_t length, const struct walk_want *wants, size_t count,
               struct walk_value *found)
{
    struct walk walk = {.end = json + length, .wants = wants, .count = (int)count, .found = found};
    const char *at;

    memset(found, 0, count * sizeof *found);
    at = take_value(&walk, skip_blanks(&walk, json), 0);
    return at && skip_blanks(&walk, at) == walk.end;
}

/* --- Like the text before -------------------------------------------------------------------- */

/* The varying string with most to say; none: 0, which has no entry. */
static size_t find_varied(const struct walk_want *wants, size_t count,
                          const struct walk_value *found)
{
    size_t varied = 0;

    for (size_t i = 1; i < count; i++)
        if (wants[i].varies && walk_is_string(&found[i]) &&
            (varied == 0 || found[i].length > found[varied].length))
            varied = i;
    return varied;
}

static void remember(struct walk_before *before, const char *json, size_t length,
                     const struct walk_want *wants, size_t count, const struct walk_value *found)
{
    before->wants = NULL;
    before->varied = find_varied(wants, count, found);
    if (before->varied == 0)
        return;
    before->wants = wants;
    text_reset(&before->json);
    text_add(&before->json, json, length);
    for (size_t i = 0; i < count; i++) {
        before->found[i] = found[i];
        if (found[i].at)
            before->found[i].at = before->json.bytes + (found[i].at - json);
    }
}

/* The same places in a text whose varying string is longer by `more`: what holds it grew, what
 * stands behind it moved. */
static void move_places(const struct walk_before *before, const char *json, ptrdiff_t more,
                        size_t count, struct walk_value *found)
{
    const char *varied = before->found[before->varied].at;

    for (size_t i = 0; i < count; i++) {
        const struct walk_value *was = &before->found[i];

        found[i] = (struct walk_value){NULL, was->length};
        if (!was->at)
            continue;
        found[i].at = json + (was->at - before->json.bytes);
        if (was->at > varied)
            found[i].at += more;
        else if (was->at + was->length > varied)
            found[i].length = (size_t)((ptrdiff_t)was->length + more);
    }
}

static bool is_like(const struct walk_before *before, const char *json, size_t length)
{
    const struct walk walk = {.end = json + length};
    const struct walk_value *varied = &before->found[before->varied];
    size_t head = (size_t)(varied->at - before->json.bytes) + 1;   /* with the opening quote */
    size_t tail = before->json.length - head - varied->length + 2; /* with the closing one */

    return length >= head + tail && memcmp(json, before->json.bytes, head) == 0 &&
           memcmp(json + length - tail, before->json.bytes + before->json.length - tail, tail) ==
               0 &&
           take_string(&walk, json + head) == json + length - tail + 1;
}

bool walk_like(struct walk_before *before, const char *json, size_t length,
               const struct walk_want *wants, size_t count, struct walk_value *found)
{
    bool good;

    if (before->wants == wants && is_like(before, json, length)) {
        move_places(before, json, (ptrdiff_t)length - (ptrdiff_t)before->json.length, count, found);
        return true;
    }
    good = walk_json(json, length, wants, count, found);
    if (good)
        remember(before, json, length, wants, count, found);
    return good;
}

void walk_forget(struct walk_before *before)
{
    text_clear(&before->json);
    *before = (struct walk_before){0};
}

/* --- What was found -------------------------------------------------------------------------- */

static bool begins(const struct walk_value *value, char byte)
{
    return value->at && *value->at == byte;
}

bool walk_is_object(const struct walk_value *value)
{
    return begins(value, '{');
}

bool walk_is_string(const struct walk_value *value)
{
    return begins(value, '"');
}

bool walk_is_true(const struct walk_value *value)
{
    return begins(value, 't');
}

bool walk_is_some_text(const struct walk_value *value)
{
    return walk_is_string(value) && value->length > 2;
}

bool walk_is_nothing(const struct walk_value *value)
{
    return !value->at || begins(value, 'n') || begins(value, 'f');
}
