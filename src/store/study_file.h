/* switching.json: what a switching study concludes, with what it stands on. Documented in the
 * docs/switching.md, "switching.json"; keys are added, never renamed. */
#ifndef STORE_STUDY_FILE_H
#define STORE_STUDY_FILE_H

#include "core/error.h"
#include "core/text.h"
#include "stats/study.h"
#include "store/results.h"

/* Adds the document. The study is one over the steps of these runs. */
void study_file_add_json(const struct study *study, const struct results *runs, size_t count,
                         struct text *json);

/* The name of the file in a run directory, "switching.json". */
extern const char study_file_name[];

/* Writes it into the run directory `folder`. */
bool study_file_write(const char *folder, const struct study *study, const struct results *run,
                      struct error *error);

#endif
