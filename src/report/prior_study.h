/* A study beside which mixes of rows are shown: what it predicts of each, and what its visits tell
 * of their members. */
#ifndef REPORT_PRIOR_STUDY_H
#define REPORT_PRIOR_STUDY_H

#include "core/error.h"
#include "report/runs.h"
#include "stats/mix_measure.h"

struct prior_study;

/* Reads the run, or the runs in a folder, that `path` names, and concludes; NULL with a sentence
 * where they cannot be read. Free it. */
struct prior_study *prior_study_read(const char *path, struct error *error);

void prior_study_free(struct prior_study *prior);

/* What its visits tell of a member's row; nothing where `prior` is NULL. */
void prior_study_add_visited(const struct prior_study *prior, const struct step *member,
                             struct mix_visited *visited);

/* Predicts a mix; `member` are its members' steps. Without a study (NULL) that is what it lacks. */
void prior_study_predict(const struct prior_study *prior, const struct step *const *member,
                         struct mix *mix);

/* Predicts every mix of the runs, in the place of what they say themselves. */
void prior_study_predict_all(const struct prior_study *prior, struct runs *runs);

#endif
