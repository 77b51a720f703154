/* Input files that another process gives: what it has read goes to one that has no such files,
 * which then reads the same under the same names.
 *
 * All that is opened to be read, or looked for, by file.h goes through given_path. A process that
 * is to give notes the paths; one that was given some has these files and no other. A process that
 * does neither, as usual, reads what stands on its disk. */
#ifndef CORE_GIVEN_H
#define CORE_GIVEN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"

/* From here on paths are noted. Before any thread that reads is started. */
void given_note(void);

/* The path to open in the place of this one; it stands as long as the process. */
const char *given_path(const char *path);

/* Those noted, each once; the list is as long as `given_noted_count` says. */
size_t given_noted_count(void);
const char *given_noted(size_t i);

/* From here on this process has the files that were given, and no other. */
void given_begin(void);

/* Adds a file, in memory (memfd_create(2)). False with a sentence. */
bool given_add(const char *path, const struct text *bytes, struct error *error);

/* All are forgotten, noted and given; reading is as usual again. */
void given_clear(void);

#endif
