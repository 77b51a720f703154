/* A study's verdicts beside the server's own word (record/state.h): which visits it says had to
 * load their model. Neither verdicts nor costs are made from it. */
#ifndef STATS_SERVER_WORD_H
#define STATS_SERVER_WORD_H

#include "stats/study.h"

/* Fills the `word` of each visit, once it is known what rows load, and whether anything was loaded
 * or unloaded on purpose. A server speaks of models: that a model is loaded says nothing of a row
 * where a bundle file has rows of the model load different configurations. */
void server_word_note(struct study *study);

/* Counts what the steps' verdicts are by that. */
void server_word_count(struct study *study);

#endif
