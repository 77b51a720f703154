/* Visits in groups: those to one row, from one row to another, or to one expert configuration. */
#ifndef STATS_GROUPING_H
#define STATS_GROUPING_H

#include <stdbool.h>
#include <stddef.h>

#include "record/step.h"
#include "stats/replicate.h"

/* What is known of a visit by itself. */
enum visit_paid { VISIT_UNKNOWN, VISIT_NOT_PAID, VISIT_PAID };
extern const char *const visit_paid_words[]; /* "unknown", "not paid", "paid" */

/* One visit: a step, and the row that ran before it in its run (NULL: not known). */
struct study_visit {
    struct step *step;
    const struct row *from;
    size_t run;                /* its run's number */
    size_t row;                /* its row's, among those of the study */
    size_t configuration;      /* its row's expert configuration's, the same */
    enum switch_reason reason; /* why it cannot be judged; where it can, also: */
    struct replicate replicate;
    struct spread_used spread;
    bool cold; /* it stood out as its run's first visit (cold.h) */
    enum visit_paid paid_as;
    double paid_probability; /* that it paid, by itself; NAN: it cannot be judged */
    double weight;        /* the same, by how often its row pays too: what it counts in the cost */
    enum state_word word; /* the server's own, that its model was loaded before (server_word.h) */
    bool left_out; /* a first visit after an unknown predecessor, whose row has others: in no cost
                    * and no count */
};

/* Whether it can be judged. */
bool visit_measured(const struct study_visit *visit);

/* Groups are numbered by their first visits; those of group g stand in `member` from begin[g] to
 * begin[g + 1], in the order they ran. */
struct grouping {
    size_t *member, *begin, *group_of; /* owned */
    size_t groups;
};

/* Orders visits by what a group is made of; 0 where they belong together. */
typedef int grouping_compare(const struct study_visit *a, const struct study_visit *b);

int grouping_by_row(const struct study_visit *a, const struct study_visit *b);
int grouping_by_transition(const struct study_visit *a, const struct study_visit *b);
/* Where no bundle file tells what a row loads: its model, lengths and batch size, as far as that is
 * known; else the row is a configuration of its own. */
int grouping_by_configuration(const struct study_visit *a, const struct study_visit *b);

/* Clear `grouping`. */
void grouping_make(const struct study_visit *visit, size_t visits, grouping_compare *compare,
                   struct grouping *grouping);

void grouping_clear(struct grouping *grouping);

#endif
