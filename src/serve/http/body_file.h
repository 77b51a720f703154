/* A body that is written to the disk as it comes, and never held in memory: into a file of the
 * workbench's own folder under a name that the server draws. What is not kept is gone when the
 * request ends. */
#ifndef SERVE_HTTP_BODY_FILE_H
#define SERVE_HTTP_BODY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct body_file;
struct workbench;

enum { BODY_FILE_MOST = 256 << 20 };

extern const char body_file_folder[]; /* below the workbench's own */

/* One that takes `most` bytes; where it cannot be made, its end says why. */
struct body_file *body_file_new(const struct workbench *workbench, size_t most);

/* Adds what has come. False: it is too much. What the disk does not take is forgotten, and its end
 * says so. */
bool body_file_add(struct body_file *file, const char *bytes, size_t length);

/* Keeps it under "NAME<ending>", and gives that name, for the caller to free, and its length. NULL
 * with a sentence. */
char *body_file_keep(struct body_file *file, const char *ending, uint64_t *length,
                     struct error *error);

/* Frees it, and removes what was not kept. NULL is fine. */
void body_file_free(struct body_file *file);

#endif
