/* mix_<name>_<uuid>.json: what a visit of a mix came to (record/mix.h), one for each visit; the
 * UUID is that of its first member's step. An object of numbers, and a list "members". It is
 * written before the files of its steps: one whose steps are not all there belongs to a visit that
 * was cut off. */
#ifndef STORE_MIX_FILE_H
#define STORE_MIX_FILE_H

#include <stdbool.h>

#include "core/error.h"
#include "record/mix.h"
#include "record/step.h"

/* The path of the file; for the caller to free. The mix has its name and its first member. */
char *mix_file_path(const char *folder, const struct mix *mix);

bool mix_file_write(const char *folder, const struct mix *mix, struct error *error);

/* Reads one; false with a sentence where it is none. Clear the mix either way. */
bool mix_file_read(const char *path, struct mix *mix, struct error *error);

/* Reads those in a folder that are of these steps, which stand in the order of their indices: a
 * list for the caller to clear and free, in the order of their first steps. A file that cannot be
 * read, and a mix of these steps without a file, is a warning. */
struct mix *mix_file_read_all(const char *folder, const struct step *step, size_t steps,
                              size_t *count, struct faults *warnings);

/* Takes the file of the visit of `mix` whose first step has this name out of the way, to
 * mix_<name>_<uuid>_attempt_<number>.json; fine where there is none. */
bool mix_file_set_aside(const char *folder, const char *mix, const char *step_name, size_t number,
                        struct error *error);

#endif
