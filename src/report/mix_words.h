/* What switching costs a mix of rows, in words: the same in terminal and page. */
#ifndef REPORT_MIX_WORDS_H
#define REPORT_MIX_WORDS_H

#include "core/text.h"
#include "record/mix.h"

/* What was measured, or why nothing was. Nothing where its members never sent all at once. */
void mix_words_add_measured(const struct mix *mix, struct text *text);

/* What the study predicts of it, the difference, and how many calls to a model in a row would bring
 * the time under a tenth; or why it does not. Nothing where no study is named. */
void mix_words_add_predicted(const struct mix *mix, struct text *text);

/* What is odd about its members: one sentence; nothing where nothing is. */
void mix_words_add_remarks(const struct mix *mix, struct text *text);

#endif
