/* A step's files as the starter kit writes them: of ours, or of its own, its keys alone
 * (formats.md, sections 5 and 6), in the order that they stand in. Neither has `switching_time`,
 * which the kit's notebooks compute. */
#ifndef STORE_KIT_FILE_H
#define STORE_KIT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/error.h"
#include "core/text.h"

/* Adds the summary of step `name` in `folder`, a JSON object. False with a sentence. */
bool kit_file_add_summary(const char *folder, const char *name, struct text *json,
                          struct error *error);

/* Adds the members of that summary that tell of sampling parameters,
 * "additional_sampling_params_temperature", without an object around them; nothing where there are
 * none. False with a sentence. */
bool kit_file_add_sampling_params(const char *folder, const char *name, struct text *json,
                                  struct error *error);

/* Prints the responses of its load, a JSON array, one at a time. False with a sentence; what `out`
 * holds is then not whole. */
bool kit_file_write_responses(const char *folder, const char *name, FILE *out, struct error *error);

#endif
