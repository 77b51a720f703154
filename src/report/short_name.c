#include "report/short_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/terminal/terminal.h"
#include "report/terminal/width.h"

enum { WORDS = 16, NAME = 256 };

/* A name's words, each with the sign in front that parts it from the one before. */
struct words {
    const char *begin[WORDS];
    int length[WORDS];
    int count;
};

/* What has more words keeps the rest in its last. */
static struct words split(const char *name)
{
    struct words words = {0};
    const char *at = name;

    while (*at && words.count < WORDS) {
        size_t length = 1 + strcspn(at + 1, "-_/ ");

        if (words.count == WORDS - 1)
            length = strlen(at);
        words.begin[words.count] = at;
        words.length[words.count++] = (int)length;
        at += length;
    }
    return words;
}

static void join(const struct words *words, char *text, size_t size)
{
    size_t used = 0;

    *text = '\0';
    for (int i = 0; i < words->count && used < size; i++) {
        const char *begin = words->begin[i];
        bool parting = i == 0 && words->length[i] > 1 && strchr("-_/ ", *begin);

        used += (size_t)snprintf(text + used, size - used, "%.*s", words->length[i] - parting,
                                 begin + parting);
    }
}

static bool is_letters(const struct words *words, int i)
{
    bool letters = i < words->count;

    for (int k = 0; letters && k < words->length[i]; k++) {
        unsigned char c = (unsigned char)words->begin[i][k];

        letters = isalpha(c) || (k == 0 && strchr("-_/ ", c));
    }
    return letters;
}

static void drop(struct words *words, int i)
{
    for (words->count--; i < words->count; i++) {
        words->begin[i] = words->begin[i + 1];
        words->length[i] = words->length[i + 1];
    }
}

/* Leaves out the word that tells least; false where none is left that may go. */
static bool drop_least(struct words *words)
{
    int last = words->count - 1, inner = last;

    while (inner > 0 && !is_letters(words, inner))
        inner--;
    if (last > 0 && inner == last)
        drop(words, last);
    else if (is_letters(words, 0) && is_letters(words, 1))
        drop(words, 0);
    else if (inner > 0)
        drop(words, inner);
    else if (last > 1)
        drop(words, last);
    else
        return false;
    return true;
}

void short_name(const char *name, int width, char *text, size_t size)
{
    struct words words = split(name);
    char shorter[NAME];
    bool more = true;

    snprintf(shorter, sizeof shorter, "%s", name);
    while (more && width_of(shorter) > width) {
        more = drop_least(&words);
        if (more)
            join(&words, shorter, sizeof shorter);
    }
    width_fit(width_of(shorter) > width ? name : shorter, width, text, size);
}
