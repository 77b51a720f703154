/* The search of one row, or of one mix: what was concluded of its steps so far, and what comes
 * next. Inside this room. */
#ifndef SEARCH_ASCENT_H
#define SEARCH_ASCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "plan/settings.h"
#include "record/row.h"
#include "record/search.h"
#include "stats/climb.h"
#include "store/search_file.h"

struct ascent {
    const struct row *row; /* as the CSV has it; of a mix all of them, one behind another */
    size_t rows;
    const struct settings *settings;
    struct climb climb;
    struct search_step step[CLIMB_STEPS_MOST];
    double seconds;  /* that its steps took */
    size_t requests; /* that they sent */
    bool out_of_budget;
};

void ascent_begin(struct ascent *ascent, const struct row *row, size_t rows,
                  const struct settings *settings);

/* The row's next step, with no more requests than the budget and the row's timeout leave time for;
 * false where there is none. `most_s` is how long it may send. */
bool ascent_next(struct ascent *ascent, struct climb_step *next, double *most_s);

/* Takes what came of that step. */
void ascent_add(struct ascent *ascent, const struct search_step *step);

/* What the search has come to so far. */
struct search_found ascent_found(const struct ascent *ascent);

/* How a step went, for people: "at 7.2 qps 96.1 % of 236 requests keep slo: kept". */
void ascent_tell(const struct ascent *ascent, const struct search_step *step, struct text *text);

/* The rule that steps of a row, or a mix, are judged by. */
struct climb_rule ascent_rule(const struct row *row, size_t rows, const struct settings *settings);

#endif
