/* What a study predicts of a mix: its members' calls at the mix's rate, in shares as they came and
 * as many in a row, through a queue (queue.h) before the node that the study found (study_node.h),
 * which serves in the order that the mix shows. */
#ifndef STATS_MIX_PREDICT_H
#define STATS_MIX_PREDICT_H

#include "record/mix.h"
#include "record/step.h"
#include "stats/study.h"

/* Fills the predictions of the mix and its members, or `lack`. `member` are the members' steps.
 *
 * A member is called as the study's row of its model with its lengths, else as the one that loads
 * the same configuration, else as the one whose prompts are nearest in length; then its calls take
 * what the mix itself shows without a switch. Batches are as large as the study's, or the mix's
 * own where those are larger. */
void mix_predict(const struct study *study, const struct step *const *member, struct mix *mix);

#endif
