/* A study's verdicts beside what the server says of its loads, in sentences. */
#ifndef REPORT_STATE_WORDS_H
#define REPORT_STATE_WORDS_H

#include "core/text.h"
#include "stats/study.h"

/* "12 of 12 detected were loads; 1 of 1 inconclusive was a load"; adds nothing where no server was
 * asked. */
void state_words_add(const struct study *study, struct text *text);

#endif
