/* A `.env` file: lines NAME=VALUE, blank ones and comments (formats.md, section 3). Its values may
 * be secrets, so no sentence about it quotes more than a name. */
#ifndef PLAN_ENV_FILE_H
#define PLAN_ENV_FILE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"

/* One that was read; a missing file is empty. */
struct env_file {
    char *path;
    struct text text;
};

/* Reads the file of a folder; a fault where it is there and cannot be read, belongs to neither the
 * caller nor root, or is no text, such as UTF-16. Clear it either way. */
void env_file_read(struct env_file *file, const char *folder, struct faults *faults);

/* The value that the last line with this name sets, for the caller to free; NULL where none does.
 * In it ${NAME} stands for that variable of the environment, or else of the file, unless single
 * quotes are around it; NULL too where such a one is not set. */
char *env_file_find(const struct env_file *file, const char *wanted);

/* Whether the value that it sets for `wanted` takes something from the environment by ${NAME}. */
bool env_file_borrows(const struct env_file *file, const char *wanted);

/* Looks for lines that set nothing, or one of `names` by a variable that is not set, and for names
 * that differ from one of `names` (ends with NULL) by a slip: a fault where a default could take
 * the place of what such a line was to set, else a warning. */
void env_file_check(const struct env_file *file, const char *const *names, struct faults *faults,
                    struct faults *warnings);

/* Overwrites the text and frees all. */
void env_file_clear(struct env_file *file);

/* One line: spaces around `=`, single or double quotes, `export `, `#` comments. True where it sets
 * a variable; name and value are then the caller's to free. */
bool env_file_parse_line(const char *line, char **name, char **value);

#endif
