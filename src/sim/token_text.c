#include "sim/token_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/random.h"

static const char *const words[] = {
    "a",     "bundle", "holds", "many",    "models", "and",    "each",  "waits", "in",   "memory",
    "until", "one",    "is",    "called",  "then",   "it",     "moves", "up",    "to",   "work",
    "while", "others", "rest",  "quietly", "below",  "answer", "comes", "word",  "upon", "word",
};

enum { WORDS = sizeof words / sizeof *words };

/* Purposes of chance. */
enum { DRAW_ID, DRAW_WORD };

static struct random draw(const struct token_text *token_text, uint64_t purpose, int64_t k)
{
    const uint64_t key[] = {token_text->seed, (uint64_t)token_text->request->number, purpose,
                            (uint64_t)k};
    struct random random;

    random_init(&random, key, 4);
    return random;
}

void token_text_init(struct token_text *token_text, const struct node_file *file,
                     const struct node_request *request, const struct question *question,
                     uint64_t seed, int64_t wall_ns)
{
    struct random random;

    *token_text =
        (struct token_text){.file = file, .request = request, .question = question, .seed = seed};
    random = draw(token_text, DRAW_ID, 0);
    token_text->created_s = wall_ns / CLOCK_NS_PER_S;
    snprintf(token_text->id, sizeof token_text->id, "chatcmpl-%016" PRIx64, random_next(&random));
}

void token_text_add_word(struct text *text, const struct token_text *token_text, int64_t k)
{
    struct random random;

    if (k == TOKEN_TEXT_MARK) {
        text_add_char(text, TOKEN_TEXT_MARK_BYTE);
        return;
    }
    random = draw(token_text, DRAW_WORD, k);
    text_add_char(text, ' ');
    text_add_string(text, words[random_below(&random, WORDS)]);
}

void token_text_add_words(struct text *text, const struct token_text *token_text)
{
    for (int64_t k = 0; k < token_text->request->completion_tokens; k++)
        token_text_add_word(text, token_text, k);
}

void json_add_count(struct text *json, const char *name, int64_t value)
{
    text_printf(json, "\"%s\":%" PRId64 ",", name, value);
}

void json_add_figure(struct text *json, const char *name, double value)
{
    text_printf(json, "\"%s\":", name);
    text_add_number(json, value);
    text_add_char(json, ',');
}
