#include "prompt/made_prompt.h"

#include <string.h>

#include "prompt/sonnets.h"
#include "prompt/words.h"

/* Adds the template's first words and, where those are too few, others. */
static void add_template(struct random *random, const char *template, int64_t count,
                         struct text *text)
{
    size_t length = words_prefix(template, strlen(template), count);
    int64_t words = words_count(template, length);

    text_add(text, template, length);
    if (count > words)
        text_add_char(text, ' ');
    words_add(random, count - words, text);
}

/* Adds up to `most` words that no other prompt has, on a line of their own; returns how many. */
static int64_t add_salt(const struct made_prompt *prompt, int64_t most, struct text *text)
{
    if (!prompt->salted || most <= 0)
        return 0;
    if (text->length > 0)
        text_add_char(text, '\n');
    return words_add_salt(prompt->seed, prompt->visit, prompt->number, most, text);
}

static void add_sonnets(const struct made_prompt *prompt, int64_t words, struct random *random,
                        struct text *text)
{
    bool opens = !prompt->salted || prompt->kept >= SONNETS_INSTRUCTION + WORDS_SALT;

    if (opens)
        words -= sonnets_add_instruction(words, text);
    words -= add_salt(prompt, words, text);
    if (!opens)
        words -= sonnets_add_instruction(words, text);
    sonnets_add_lines(random, words, text);
}

void made_prompt_add(const struct made_prompt *prompt, int64_t words, struct random *random,
                     struct text *text)
{
    int64_t salt;

    if (!prompt->template && prompt->sonnets) {
        add_sonnets(prompt, words, random, text);
        return;
    }
    salt = add_salt(prompt, words, text);
    if (salt > 0 && words > salt)
        text_add_char(text, prompt->template ? '\n' : ' ');
    if (prompt->template)
        add_template(random, prompt->template, words - salt, text);
    else
        words_add(random, words - salt, text);
}
