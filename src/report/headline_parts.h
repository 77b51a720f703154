/* How the parts of a headline are made; for headline*.c only. */
#ifndef REPORT_HEADLINE_PARTS_H
#define REPORT_HEADLINE_PARTS_H

#include "report/headline.h"

/* Requests of all steps of all runs. */
struct headline_counts {
    size_t steps, planned, started, completed, failed, models;
};
struct headline_counts headline_count(const struct report *report);

/* The models of all steps, in the order of their first ones; the names are the report's. */
struct headline_models {
    const char **name; /* owned */
    size_t count;
};
struct headline_models headline_models(const struct report *report);

/* Adds a bar without figures; label and words are copied. */
struct headline_bar *headline_add_bar(struct headline *headline, const char *label,
                                      const char *words);

/* Adds a tile; takes the text, which is empty then. It begins with a capital. */
void headline_add_tile(struct headline *headline, const char *title, enum headline_section section,
                       enum headline_tone tone, struct text *text);

/* The same of a text that begins with a name, which stays as it is. */
void headline_add_named_tile(struct headline *headline, const char *title,
                             enum headline_section section, enum headline_tone tone,
                             struct text *text);

/* Fill sentence, bars, tone and what to look at. */
void headline_study(const struct report *report, struct headline *headline);
void headline_batch(const struct report *report, struct headline *headline);
void headline_failed(const struct report *report, struct headline *headline);
void headline_compare(const struct qualification *qualification, struct headline *headline);

/* Whether one of the runs is a search. */
bool headline_searches(const struct report *report);

/* Of a search, puts what came of it in the sentence's place, and a tile for each row. */
void headline_search(const struct report *report, struct headline *headline);

/* Adds the tiles of a study, each where something is known of it. */
void headline_study_tiles(const struct report *report, struct headline *headline);

/* Adds what switching costs, in a clause: "A switch costs 49 to 413 ms, by the model that is
 * loaded". Nothing where nothing was measurable. */
void headline_add_cost(const struct study *study, struct text *text);

/* Adds tiles of health, failures and what did not run. */
void headline_run_tiles(const struct report *report, struct headline *headline);

/* Adds "3 of 154 requests failed (429 × 2, timeout × 1)" or "none of 154 requests failed" of the
 * steps that `model` names; NULL: of all. */
void headline_add_failures(const struct report *report, const char *model, struct text *text);

#endif
