/* A row's figures as a block of text, in the manner of LLMPerf's closing block. */
#ifndef REPORT_TERMINAL_FIGURES_H
#define REPORT_TERMINAL_FIGURES_H

#include <stdio.h>

#include "record/step.h"

/* Every metric that was reported, with its quantiles, mean, range and deviation; then the counts.
 */
void figures_print(FILE *out, const struct step *step);

#endif
