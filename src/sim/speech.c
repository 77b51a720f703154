#include "sim/speech.h"

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

static struct random draw(const struct speech *speech, uint64_t purpose, int64_t k)
{
    const uint64_t key[] = {speech->seed, (uint64_t)speech->request->number, purpose, (uint64_t)k};
    struct random random;

    random_init(&random, key, 4);
    return random;
}

void speech_init(struct speech *speech, const struct bundle *bundle,
                 const struct node_request *request, const struct question *question, uint64_t seed,
                 int64_t wall_ns)
{
    struct random random;

    *speech =
        (struct speech){.bundle = bundle, .request = request, .question = question, .seed = seed};
    random = draw(speech, DRAW_ID, 0);
    speech->created_s = wall_ns / CLOCK_NS_PER_S;
    snprintf(speech->id, sizeof speech->id, "chatcmpl-%016" PRIx64, random_next(&random));
}

void speech_add_word(struct text *text, const struct speech *speech, int64_t k)
{
    struct random random;

    if (k == SPEECH_MARK) {
        text_add_char(text, SPEECH_MARK_BYTE);
        return;
    }
    random = draw(speech, DRAW_WORD, k);
    text_add_char(text, ' ');
    text_add_string(text, words[random_below(&random, WORDS)]);
}

void speech_add_words(struct text *text, const struct speech *speech)
{
    for (int64_t k = 0; k < speech->request->completion_tokens; k++)
        speech_add_word(text, speech, k);
}

void speech_add_count(struct text *json, const char *name, int64_t value)
{
    text_printf(json, "\"%s\":%" PRId64 ",", name, value);
}

void speech_add_figure(struct text *json, const char *name, double value)
{
    text_printf(json, "\"%s\":", name);
    text_add_number(json, value);
    text_add_char(json, ',');
}
