#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/headline_parts.h"
#include "report/search_words.h"

bool headline_searches(const struct report *report)
{
    for (size_t i = 0; i < report->runs; i++) {
        if (report->run[i].searched > 0)
            return true;
    }
    return false;
}

/* The first row's finding, and how many more there are. */
static char *sentence_of(const struct report *report)
{
    const struct search_found *first = NULL;
    struct text text = {0};
    size_t rows = 0;

    for (size_t i = 0; i < report->runs; i++) {
        const struct results *run = &report->run[i];

        for (size_t k = 0; k < run->searched; k++) {
            if (!first) {
                first = &run->search[k];
                search_words_row(run, first, &text);
                text_printf(&text, ": %s", first->sentence);
            }
            rows++;
        }
    }
    if (rows > 1)
        text_printf(&text, "; and %zu row%s more", rows - 1, rows == 2 ? "" : "s");
    return text_take(&text);
}

static void add_tile(const struct results *run, const struct search_found *found,
                     struct headline *headline)
{
    struct text text = {0};

    search_words_row(run, found, &text);
    text_printf(&text, ": %s", found->sentence);
    headline_add_named_tile(headline, "Search", HEADLINE_SEARCH,
                            isnan(found->load) ? HEADLINE_NOTE : HEADLINE_GOOD, &text);
}

void headline_search(const struct report *report, struct headline *headline)
{
    size_t tiles = 0;

    if (!headline_searches(report))
        return;
    free(headline->sentence);
    free(headline->look);
    headline->sentence = sentence_of(report);
    headline->look =
        memory_text("Look at latency against load, and at what binds above the result");
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].searched && tiles++ < HEADLINE_MODELS_MOST; k++)
            add_tile(&report->run[i], &report->run[i].search[k], headline);
    }
}
