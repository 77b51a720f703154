/* `<name>_summary.json`: one flat object per step (formats.md, sections 6 and 10). It is the last
 * of a step's files to be written: where it stands, the step has ended and all of it is there. */
#ifndef STORE_SUMMARY_FILE_H
#define STORE_SUMMARY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"
#include "record/step.h"

/* Adds the step's object. `sampling_params` is a JSON object, written under
 * additional_sampling_params_. */
void summary_file_add_json(const struct step *step, const char *sampling_params, struct text *json);

/* Reads a summary back; keys that are not there leave their figures unknown, so the starter kit's
 * own files can be read too. Clear `step` either way. */
bool summary_file_read(const char *path, struct step *step, struct error *error);

/* Names a step that was read by its file, `name`, since what a file says of itself is no path to
 * follow. False where the file has another name: it is a copy or belongs elsewhere. */
bool summary_file_set_name(struct step *step, const char *name);

/* The names of the steps whose summaries are in `folder`, as they sort, but for those that begin
 * with a point; `count` of them. Free each and the list, which is NULL where the folder cannot be
 * read. */
char **summary_file_list(const char *folder, size_t *count);

/* The path of a step's summary, for the caller to free. */
char *summary_file_path(const char *folder, const char *name);

#endif
