/* New files, all of them or none. */
#ifndef CORE_CREATE_H
#define CORE_CREATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct create_file {
    const char *path; /* below the folder; may name folders of its own */
    const char *text; /* ends with a zero byte, which is not written */
};

/* Writes `count` files, one at least, below `folder`, making the folders that they need. None
 * replaces anything that is there: they are made whole in a temporary folder and come to their
 * places together (staging.h). False with a sentence where one is there or cannot be written; files
 * and folders that this call made are then removed again. */
bool create_files(const char *folder, const struct create_file *file, size_t count,
                  struct error *error);

#endif
