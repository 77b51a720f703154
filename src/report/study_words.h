/* What a study's figures mean, in sentences: by whose clock, why rows could not be measured, what
 * is odd, and what was found besides. */
#ifndef REPORT_STUDY_WORDS_H
#define REPORT_STUDY_WORDS_H

#include <stdio.h>

#include "stats/study.h"

void study_words(FILE *out, const struct study *study);

/* Of these: what stays in memory, and what a mix of calls pays. */
void study_words_residency(FILE *out, const struct study *study);

/* Calls `take` with each sentence that `words`, one of the above, says. */
void study_words_each(void (*words)(FILE *out, const struct study *study),
                      const struct study *study, void (*take)(void *context, const char *sentence),
                      void *context);

/* A row in at most `width` columns, as far as cutting its model's name allows. */
void study_words_row(const struct row *row, int width, char *text, size_t size);

#endif
