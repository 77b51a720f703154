#include "report/search_words.h"

#include "report/terminal/terminal.h"

enum { WORDS = 128 };

const struct step *search_words_step(const struct results *run, const struct search_found *found)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->step[i].search == found)
            return &run->step[i];
    }
    return NULL;
}

void search_words_member(const struct step *step, struct text *text)
{
    char tokens[WORDS];

    terminal_tokens(&step->row, tokens, sizeof tokens);
    text_printf(text, "%s %s", step->row.model_name, tokens);
}

void search_words_row(const struct results *run, const struct search_found *found,
                      struct text *text)
{
    const struct step *step = search_words_step(run, found);

    if (found->mix[0])
        text_printf(text, "mix %s", found->mix);
    else if (step)
        search_words_member(step, text);
    else
        text_printf(text, "the row in line %d", found->line);
}
