/* `<name>_summary.json`: one flat object per step (formats.md, sections 6 and 10). */
#ifndef STORE_SUMMARY_FILE_H
#define STORE_SUMMARY_FILE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "record/step.h"

/* Adds the step's object. `sampling_params` is a JSON object, told under
 * additional_sampling_params_. */
void summary_file_add_json(const struct step *step, const char *sampling_params, struct text *json);

/* Reads a summary back; keys that are not there leave their figures unknown, so the starter kit's
 * own files can be read too. Clear `step` either way. */
bool summary_file_read(const char *path, struct step *step, struct error *error);

#endif
