#include "report/state_words.h"

static void add_part(const struct study_word *word, enum switch_verdict verdict, struct text *text)
{
    size_t all = word->loads + word->stays;

    if (all == 0)
        return;
    text_printf(text, "%s%zu of %zu %s %s %s", text->length > 0 ? "; " : "", word->loads, all,
                switch_verdict_words[verdict], word->loads == 1 ? "was" : "were",
                word->loads == 1 ? "a load" : "loads");
}

void state_words_add(const struct study *study, struct text *text)
{
    struct text parts = {0};

    for (int verdict = SWITCH_DETECTED; verdict <= SWITCH_NOT_MEASURABLE; verdict++)
        add_part(&study->word[verdict], (enum switch_verdict)verdict, &parts);
    text_add(text, parts.bytes, parts.length);
    text_clear(&parts);
}
