/* LLMPerf's summary as it prints it: one block for each step. */
#ifndef EXPORT_LLMPERF_TEXT_H
#define EXPORT_LLMPERF_TEXT_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "export/llmperf_figures.h"

/* Adds LLMPerf's heading, each metric's quantiles, mean, min, max and stddev in its order, and the
 * four totals. Numbers stand as Python prints them, "nan" where there is none. A run of several
 * steps names the load in the heading. */
void llmperf_text_add(const struct results *run, const struct llmperf_figures *figures,
                      struct text *text);

/* Adds the blocks of all steps of the run, a blank line between them. False with a sentence. */
bool llmperf_text_add_run(const struct results *run, struct text *text, struct error *error);

/* Adds a number as Python prints a float ("2.0"), or with `whole` one that is whole as an integer;
 * `unknown` where it is not finite. */
void llmperf_text_add_number(struct text *text, double value, bool whole, const char *unknown);

/* Whether a metric's values are integers in LLMPerf, so that its least and most are, too. */
bool llmperf_text_is_whole(enum llmperf_metric metric);

/* The quantiles that LLMPerf has, in percent, and where each stands among metric_percent. */
enum { LLMPERF_QUANTILES = 6, LLMPERF_FIRST_QUANTILE = 1 };

#endif
