#include "report/search_words.h"

#include "report/terminal/terminal.h"

enum { WORDS = 128 };

size_t search_words_step(const struct results *run, const struct search_found *found, size_t from)
{
    while (from < run->count && run->step[from].row.line != found->line)
        from++;
    return from;
}

void search_words_row(const struct results *run, const struct search_found *found,
                      struct text *text)
{
    size_t step = search_words_step(run, found, 0);
    char tokens[WORDS];

    if (step == run->count) {
        text_printf(text, "the row in line %d", found->line);
        return;
    }
    terminal_tokens(&run->step[step].row, tokens, sizeof tokens);
    text_printf(text, "%s %s", run->step[step].row.model_name, tokens);
}
