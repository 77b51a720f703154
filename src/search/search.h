/* coebench search: for each row, and each mix, the highest load at which enough requests keep the
 * slo, and in open loop the endpoint keeps up. Each step is an ordinary step of an ordinary run,
 * which the search steers (job/guide.h): it changes the row's load, how many requests it has and
 * how many of them come in front, and ends it as soon as it is clear. */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/exit.h"
#include "job/guide.h"
#include "job/prepare.h"
#include "store/results.h"

struct search;

/* Whether the rows of a plan can be searched; each that cannot is a fault, and so is a budget with
 * which no step can show that its load keeps slo. A row that is none of the search is a warning. */
bool search_check(const struct preparation *preparation, struct faults *faults,
                  struct faults *warnings);

/* A search of the plan's rows, which was checked. Gives the plan's order as many visits as there
 * may be steps. `preparation` must outlive it. */
struct search *search_new(struct preparation *preparation);
void search_free(struct search *search);

/* What steers the run. */
const struct guide *search_guide(struct search *search);

/* What a run that was searched comes to as an exit code: as an ordinary run does (job/verdict.h),
 * but what broke at loads above the result is what was looked for; EXIT_INVALID where the client
 * was the limit. */
enum exit_code search_verdict(const struct results *results);

/* What a search of the plan may take at most. */
struct search_most {
    size_t rows, mixes, steps;
    double requests, seconds;
};
struct search_most search_most(const struct preparation *preparation);

#endif
