#include "core/python_words.h"

#include <string.h>

/* How long the word is that begins at `at`; 0: none does. */
static size_t word_length(const char *at, const char *end)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);

        if ((size_t)(end - at) >= length && memcmp(at, words[i], length) == 0)
            return length;
    }
    return 0;
}

static void add_without(const char *at, const char *end, struct text *copy)
{
    bool quoted = false;

    while (at < end) {
        size_t word = quoted ? 0 : word_length(at, end);

        if (word > 0) {
            text_add_string(copy, "null");
            at += word;
            continue;
        }
        if (quoted && *at == '\\' && at + 1 < end)
            text_add_char(copy, *at++);
        else if (*at == '"')
            quoted = !quoted;
        text_add_char(copy, *at++);
    }
}

bool python_words_hide(const char *json, size_t length, struct text *copy)
{
    if (length == 0 || (!memmem(json, length, "NaN", 3) && !memmem(json, length, "Infinity", 8)))
        return false;
    add_without(json, json + length, copy);
    return true;
}
