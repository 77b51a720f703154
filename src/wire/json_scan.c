#include "wire/json_scan.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Every step takes the place where it begins and returns the place behind what it took, or NULL
 * where that is refused. */
struct scan {
    const char *end;
    const struct scan_want *wants;
    int count;
    struct scan_value *found;
    int depth;
};

/* Where a want's number is expected: a value that is none, or one that must say nothing. */
enum { UNWANTED = -1, RARE = -2 };

static const char *take_nested(struct scan *scan, const char *at, int in);

static inline const char *skip_blanks(const struct scan *scan, const char *at)
{
    while (at < scan->end && (unsigned char)*at <= ' ') {
        if (*at != ' ' && *at != '\n' && *at != '\r' && *at != '\t')
            break;
        at++;
    }
    return at;
}

static inline bool stands(const struct scan *scan, const char *at, char byte)
{
    return at < scan->end && *at == byte;
}

/* --- Strings ---------------------------------------------------------------------------------- */

/* Sixteen bytes at once, where the machine can; compilers know how it does. */
typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* The first of eight marked bytes, each 0 or 0xff. */
static inline int first_marked(uint64_t marks)
{
    return __builtin_ctzll(le64toh(marks)) / 8;
}

/* Goes to the next quote, backslash or control character, or to the end. */
static inline const char *skip_plain(const struct scan *scan, const char *at)
{
    while (scan->end - at >= 16) {
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
    while (at < scan->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
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
static const char *take_code(const struct scan *scan, const char *at)
{
    unsigned code = 0;

    if (scan->end - at < 4)
        return NULL;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return NULL;
        code = code << 4 | (unsigned)digit;
    }
    return code == 0 || (code >= 0xd800 && code <= 0xdfff) ? NULL : at + 4;
}

static const char *take_escape(const struct scan *scan, const char *at)
{
    if (at == scan->end)
        return NULL;
    if (*at == 'u')
        return take_code(scan, at + 1);
    return memchr("\"\\/bfnrt", *at, 8) ? at + 1 : NULL;
}

/* From behind the opening quote. */
static const char *take_string(const struct scan *scan, const char *at)
{
    while (at) {
        at = skip_plain(scan, at);
        if (at == scan->end)
            return NULL;
        if (*at == '"')
            return at + 1;
        at = *at == '\\' ? take_escape(scan, at + 1) : NULL;
    }
    return NULL;
}

/* --- Numbers and literals --------------------------------------------------------------------- */

static const char *skip_digits(const struct scan *scan, const char *at)
{
    while (at < scan->end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* At least one digit. */
static const char *take_digits(const struct scan *scan, const char *at)
{
    const char *behind = skip_digits(scan, at);

    return behind > at ? behind : NULL;
}

static const char *take_number(const struct scan *scan, const char *start)
{
    const char *at = start + (*start == '-');

    at = stands(scan, at, '0') ? at + 1 : take_digits(scan, at);
    if (at && stands(scan, at, '.'))
        at = take_digits(scan, at + 1);
    if (at && (stands(scan, at, 'e') || stands(scan, at, 'E'))) {
        at++;
        at = take_digits(scan, at + (stands(scan, at, '+') || stands(scan, at, '-')));
    }
    return at && at - start <= SCAN_NUMBER_MOST ? at : NULL;
}

static const char *take_word(const struct scan *scan, const char *at, const char *word,
                             size_t length)
{
    return (size_t)(scan->end - at) >= length && memcmp(at, word, length) == 0 ? at + length : NULL;
}

/* --- Objects and arrays ----------------------------------------------------------------------- */

/* The wants inside one value: they stand together, in the table from `first` to before `behind`. */
struct group {
    int16_t first, behind;
    uint32_t lengths; /* of the names of all of them, the rare ones too: bit by bit */
    const struct scan_rare *rare;
};

static struct group find_group(const struct scan *scan, int in)
{
    struct group group = {0, 0, 0, NULL};

    if (in < 0)
        return group;
    group.rare = scan->wants[in].rare;
    group.lengths = group.rare ? group.rare->lengths : 0;
    group.first = (int16_t)(in + 1);
    while (group.first < scan->count && scan->wants[group.first].in < in)
        group.first++;
    group.behind = group.first;
    while (group.behind < scan->count && scan->wants[group.behind].in == in)
        group.lengths |= 1u << scan->wants[group.behind++].name_length;
    return group;
}

static inline int find_rare(const struct scan_rare *rare, const char *name, size_t length)
{
    for (int i = 0; i < rare->count; i++) {
        const char *one = rare->name[i];

        if (one[0] == name[0] && strncmp(one, name, length) == 0 && one[length] == '\0')
            return RARE;
    }
    return UNWANTED;
}

static inline int find_want(const struct scan *scan, struct group group, const char *name,
                            size_t length)
{
    if (length >= 32 || !(group.lengths >> length & 1))
        return UNWANTED;
    for (int i = group.first; i < group.behind; i++) {
        const struct scan_want *want = &scan->wants[i];

        if (want->name_length == length && memcmp(want->name, name, length) == 0)
            return i;
    }
    return group.rare ? find_rare(group.rare, name, length) : UNWANTED;
}

/* "name": and what is wanted under it. A name with an escape is refused: it may spell a wanted one.
 */
static inline const char *take_name(const struct scan *scan, const char *at, struct group group,
                                    int *want)
{
    const char *name = at + 1;

    if (!stands(scan, at, '"'))
        return NULL;
    at = skip_plain(scan, name);
    if (!stands(scan, at, '"'))
        return NULL;
    *want = at == name ? UNWANTED : find_want(scan, group, name, (size_t)(at - name));
    at = skip_blanks(scan, at + 1);
    return stands(scan, at, ':') ? skip_blanks(scan, at + 1) : NULL;
}

static inline const char *take_any(struct scan *scan, const char *at, int want)
{
    if (at == scan->end)
        return NULL;
    switch (*at) {
    case '"':
        return take_string(scan, at + 1);
    case '{':
    case '[':
        return take_nested(scan, at, want);
    case 'n':
        return take_word(scan, at, "null", 4);
    case 't':
        return take_word(scan, at, "true", 4);
    case 'f':
        return take_word(scan, at, "false", 5);
    default:
        return take_number(scan, at);
    }
}

/* Whether a value says nothing: null, false, "", [] or {}. */
static bool is_empty(const char *at, size_t length)
{
    return *at == 'n' || *at == 'f' || (length == 2 && (*at == '"' || *at == '[' || *at == '{'));
}

static inline const char *take_value(struct scan *scan, const char *at, int want)
{
    const char *behind = take_any(scan, at, want);

    if (want == RARE)
        return behind && is_empty(at, (size_t)(behind - at)) ? behind : NULL;
    if (behind && want != UNWANTED) {
        struct scan_value *found = &scan->found[want];

        if (found->at) /* twice: which of them counts, cJSON knows */
            return NULL;
        if (scan->wants[want].varies && (*at == '[' || *at == '{'))
            return NULL;
        *found = (struct scan_value){at, (size_t)(behind - at)};
    }
    return behind;
}

/* From behind the opening brace. */
static const char *take_members(struct scan *scan, const char *at, struct group group)
{
    at = skip_blanks(scan, at);
    if (stands(scan, at, '}'))
        return at + 1;
    for (;;) {
        int want = UNWANTED;

        at = take_name(scan, at, group, &want);
        at = at ? take_value(scan, at, want) : NULL;
        if (!at)
            return NULL;
        at = skip_blanks(scan, at);
        if (!stands(scan, at, ','))
            return stands(scan, at, '}') ? at + 1 : NULL;
        at = skip_blanks(scan, at + 1);
    }
}

/* From behind the opening bracket. */
static const char *take_elements(struct scan *scan, const char *at, struct group group)
{
    int want = find_want(scan, group, "", 0);

    at = skip_blanks(scan, at);
    if (stands(scan, at, ']'))
        return at + 1;
    for (;; want = UNWANTED) { /* only the first is wanted */
        at = take_value(scan, at, want);
        if (!at)
            return NULL;
        at = skip_blanks(scan, at);
        if (!stands(scan, at, ','))
            return stands(scan, at, ']') ? at + 1 : NULL;
        at = skip_blanks(scan, at + 1);
    }
}

static const char *take_nested(struct scan *scan, const char *at, int in)
{
    struct group group = find_group(scan, in);

    if (++scan->depth > SCAN_DEPTH_MOST)
        return NULL;
    at = *at == '{' ? take_members(scan, at + 1, group) : take_elements(scan, at + 1, group);
    scan->depth--;
    return at;
}

bool json_scan(const char *json, size_t length, const struct scan_want *wants, size_t count,
               struct scan_value *found)
{
    struct scan scan = {.end = json + length, .wants = wants, .count = (int)count, .found = found};
    const char *at;

    memset(found, 0, count * sizeof *found);
    at = take_value(&scan, skip_blanks(&scan, json), 0);
    return at && skip_blanks(&scan, at) == scan.end;
}

/* --- Like the text before --------------------------------------------------------------------- */

/* The varying string with most to say; none: 0, which has no entry. */
static size_t find_varied(const struct scan_want *wants, size_t count,
                          const struct scan_value *found)
{
    size_t varied = 0;

    for (size_t i = 1; i < count; i++)
        if (wants[i].varies && scan_is_string(&found[i]) &&
            (varied == 0 || found[i].length > found[varied].length))
            varied = i;
    return varied;
}

static void remember(struct scan_previous *before, const char *json, size_t length,
                     const struct scan_want *wants, size_t count)
{
    const struct scan_value *varied;

    before->wants = NULL;
    before->varied = find_varied(wants, count, before->found);
    if (before->varied == 0)
        return;
    before->wants = wants;
    text_reset(&before->json);
    text_add(&before->json, json, length);
    for (size_t i = 0; i < count; i++) {
        if (before->found[i].at)
            before->found[i].at = before->json.bytes + (before->found[i].at - json);
    }
    varied = &before->found[before->varied];
    before->head = (size_t)(varied->at - before->json.bytes) + 1;
    before->tail = length - before->head - varied->length + 2;
}

static bool is_like(const struct scan_previous *before, const char *json, size_t length)
{
    const struct scan scan = {.end = json + length};
    size_t head = before->head, tail = before->tail;

    return length >= head + tail && memcmp(json, before->json.bytes, head) == 0 &&
           memcmp(json + length - tail, before->json.bytes + before->json.length - tail, tail) ==
               0 &&
           take_string(&scan, json + head) == json + length - tail + 1;
}

const struct scan_value *scan_like(struct scan_previous *before, const char *json, size_t length,
                                   const struct scan_want *wants, size_t count)
{
    if (before->wants == wants && is_like(before, json, length)) {
        before->found[before->varied] =
            (struct scan_value){json + before->head - 1, length - before->head - before->tail + 2};
        return before->found;
    }
    before->wants = NULL; /* what is found goes where the last one's is */
    if (!json_scan(json, length, wants, count, before->found))
        return NULL;
    remember(before, json, length, wants, count);
    return before->found;
}

void scan_forget(struct scan_previous *before)
{
    text_clear(&before->json);
    *before = (struct scan_previous){0};
}

/* --- What was found --------------------------------------------------------------------------- */

static bool begins(const struct scan_value *value, char byte)
{
    return value->at && *value->at == byte;
}

bool scan_is_object(const struct scan_value *value)
{
    return begins(value, '{');
}

bool scan_is_string(const struct scan_value *value)
{
    return begins(value, '"');
}

bool scan_is_true(const struct scan_value *value)
{
    return begins(value, 't');
}

bool scan_is_some_text(const struct scan_value *value)
{
    return scan_is_string(value) && value->length > 2;
}

bool scan_is_nothing(const struct scan_value *value)
{
    return !value->at || begins(value, 'n') || begins(value, 'f');
}
