/* What is said of a search and its rows, in every report alike. */
#ifndef REPORT_SEARCH_WORDS_H
#define REPORT_SEARCH_WORDS_H

#include "core/text.h"
#include "record/search.h"
#include "store/results.h"

/* Adds what was searched, without its load: "gpt-oss-120b 1000→128", "mix day"; of a row of which
 * no step ran, its line. */
void search_words_row(const struct results *run, const struct search_found *found,
                      struct text *text);

/* Adds a step's row, without its load: "gpt-oss-120b 1000→128". */
void search_words_member(const struct step *step, struct text *text);

/* The first of its steps, among the run's; NULL: none ran. */
const struct step *search_words_step(const struct results *run, const struct search_found *found);

#endif
