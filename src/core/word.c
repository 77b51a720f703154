#include "core/word.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_LENGTH = 64, BEGINNING_LEAST = 3 };

bool word_same(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool word_number(const char *word, double *number)
{
    char *end;
    double value;

    /* strtod also reads "0x10", "inf", "nan" and leading blanks; none of them is a number here. */
    if (word[0] == '\0' || word[strspn(word, "0123456789+-.eE")] != '\0')
        return false;
    value = strtod(word, &end);
    if (*end != '\0' || end == word || !isfinite(value))
        return false;
    *number = value;
    return true;
}

bool word_integer(const char *word, int64_t *number)
{
    char *end;
    long long exact;
    double value;

    errno = 0;
    exact = strtoll(word, &end, 10);
    if (end != word && *end == '\0' && errno == 0 && !isspace((unsigned char)word[0])) {
        *number = exact;
        return true;
    }
    if (!word_number(word, &value) || value != floor(value) || fabs(value) > 9e15)
        return false;
    *number = (int64_t)value;
    return true;
}

bool word_truth(const char *word, bool *truth)
{
    static const char *const yes[] = {"true", "yes", "on", "y"};
    static const char *const no[] = {"false", "no", "off", "n"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (word_same(word, yes[i]) || word_same(word, no[i])) {
            *truth = word_same(word, yes[i]);
            return true;
        }
    }
    return false;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row i of the table from the two rows before it. */
static void measure_row(const char *a, size_t i, const char *b, const size_t *second_last,
                        const size_t *last, size_t *row)
{
    row[0] = i;
    for (size_t j = 1; b[j - 1]; j++) {
        size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);

        row[j] = least(replaced, 1 + least(last[j], row[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = least(row[j], 1 + second_last[j - 2]);
    }
}

size_t word_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];
    size_t m = strlen(a), n = strlen(b);

    if (m > NAME_MAX_LENGTH || n > NAME_MAX_LENGTH)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++)
        measure_row(a, i, b, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
    return rows[m % 3][n];
}

/* The shortest name that continues where the word ends: "idle" for "idle_timeout". */
static const char *begun(const char *word, const void *names, size_t count,
                         const char *(*name_at)(const void *names, size_t i))
{
    const char *shortest = NULL;
    size_t length = strlen(word);

    if (length < BEGINNING_LEAST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_at(names, i);

        if (strncmp(name, word, length) == 0 && (!shortest || strlen(name) < strlen(shortest)))
            shortest = name;
    }
    return shortest;
}

const char *word_nearest(const char *word, const void *names, size_t count,
                         const char *(*name_at)(const void *names, size_t i))
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    size_t limit = length / 2 + 1; /* farther than half the word: a guess, not a help */

    for (size_t i = 0; i < count; i++) {
        const char *name = name_at(names, i);
        size_t other = strlen(name), far;

        if ((other > length ? other - length : length - other) >= limit)
            continue; /* so many letters are added or left out */
        far = word_distance(word, name);
        if (far < limit) {
            limit = far;
            nearest = name;
        }
    }
    return nearest ? nearest : begun(word, names, count, name_at);
}

static const char *listed(const void *names, size_t i)
{
    return ((const char *const *)names)[i];
}

const char *word_nearest_in(const char *word, const char *const *names)
{
    size_t count = 0;

    while (names[count])
        count++;
    return word_nearest(word, names, count, listed);
}
