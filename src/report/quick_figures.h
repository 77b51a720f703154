/* What a handful of requests showed: a line for each visit to a model and for each switch between
 * two of them; for people, and as JSON for programs. */
#ifndef REPORT_QUICK_FIGURES_H
#define REPORT_QUICK_FIGURES_H

#include <stdio.h>

#include "core/text.h"
#include "report/detail.h"
#include "report/runs.h"

/* Prints for each visit how many requests completed, the TTFT of the first and the median (client's
 * clock), the median time between tokens, speed and tokens of a request, and by what responses
 * finished; then what failed and why, and what switches cost by the study, and how often that was
 * paid. `detail` is of the same runs. */
void quick_figures_print(FILE *out, const struct runs *runs, const struct detail *detail);

/* Adds the same as one JSON object: "endpoint"; "visits", with medians, least and most in seconds,
 * tokens and tokens/s; "switches", with the visits, how many paid, what that cost with its interval
 * in seconds, and the verdict. What is not known is null. */
void quick_figures_add_json(const struct runs *runs, const struct detail *detail,
                            struct text *json);

#endif
