#include "sim/tokenizer.h"

#include <stdbool.h>
#include <string.h>

#include "core/bundle.h"
#include "core/text.h"

static const char space[] = " \t\r\n\v\f";
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static const char *next_word(const char *text, size_t *length)
{
    text += strspn(text, space);
    *length = strcspn(text, space);
    return *length > 0 ? text : NULL;
}

/* How long the subword is that begins at `text`, which is not at its end. */
static size_t subword_length(const char *text)
{
    static const struct {
        const char *of;
        size_t most;
    } kinds[] = {{letters, TOKENIZER_LETTERS}, {digits, TOKENIZER_DIGITS}, {space, SIZE_MAX}};
    size_t length;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        length = strspn(text, kinds[i].of);
        if (length > 0)
            return least(length, kinds[i].most);
    }
    length = text_utf8_length(text);
    return length > 0 ? length : 1;
}

static const char *next_subword(const char *text, size_t *length)
{
    if (text[0] == ' ')
        text++;
    if (!*text)
        return NULL;
    *length = subword_length(text);
    return text;
}

const char *tokenizer_next(int tokenizer, const char *text, size_t *length)
{
    return tokenizer == BUNDLE_TOKENIZER_SUBWORDS ? next_subword(text, length)
                                                  : next_word(text, length);
}

int64_t tokenizer_count(int tokenizer, const char *text)
{
    size_t length;
    int64_t tokens = 0;

    while ((text = tokenizer_next(tokenizer, text, &length))) {
        text += length;
        tokens++;
    }
    return tokens;
}
