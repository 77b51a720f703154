/* What is said of a search and its rows, in every report alike. */
#ifndef REPORT_SEARCH_WORDS_H
#define REPORT_SEARCH_WORDS_H

#include "core/text.h"
#include "record/search.h"
#include "store/results.h"

/* Adds a row without its load, as its steps have it: "gpt-oss-120b 1000→128"; where no step of it
 * ran, its line. */
void search_words_row(const struct results *run, const struct search_found *found,
                      struct text *text);

/* The next step of the row from `from` on, among the run's; run->count: there is none. */
size_t search_words_step(const struct results *run, const struct search_found *found, size_t from);

#endif
