#include "prompt/tokenizer_reply.h"

#include <string.h>

#include "core/text.h"
#include "core/word.h"

/* What follows the first word, where that is `word`; else NULL. */
static const char *behind(const char *line, const char *word)
{
    size_t length = strlen(word);

    return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

static bool refuse(const char *line, struct error *error)
{
    const char *fault = behind(line, "fault");
    char shown[400];

    if (fault && !*fault) /* that says nothing of what is wrong */
        fault = NULL;
    text_copy_printable(fault ? fault : line, strlen(fault ? fault : line), shown, sizeof shown);
    return fault ? error_set(error, "%s", shown) : error_set(error, "replied '%.100s'", shown);
}

bool tokenizer_reply_ready(const char *line, char library[TOKENIZER_LIBRARY], struct error *error)
{
    const char *name = behind(line, "ready");

    if (!name || !*name || strlen(name) >= TOKENIZER_LIBRARY)
        return refuse(line, error);
    text_copy_printable(name, strlen(name), library, TOKENIZER_LIBRARY);
    return true;
}

bool tokenizer_reply_count(const char *line, size_t bytes, int64_t *tokens, struct error *error)
{
    const char *digits = behind(line, "count");
    int64_t most = (int64_t)bytes * TOKENIZER_TOKENS_PER_BYTE + TOKENIZER_TOKENS_MOST_EXTRA;
    int64_t count;

    if (!digits || !*digits || digits[strspn(digits, "0123456789")] || strlen(digits) > 18 ||
        !word_integer(digits, &count) || count > most)
        return refuse(line, error);
    *tokens = count;
    return true;
}
