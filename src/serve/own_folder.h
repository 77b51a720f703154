/* The workbench's own folder below the root, ".workbench": drafts, uploads, the queue. Its folders
 * are opened as run_folder.h opens those of runs, following no symbolic link, and its files have
 * names that the server draws. All of it may be deleted. */
#ifndef SERVE_OWN_FOLDER_H
#define SERVE_OWN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct workbench;

enum { OWN_NAME = 33 }; /* 32 hexadecimal digits and a NUL */

/* Draws a name that nobody can guess. */
void own_name_draw(char name[OWN_NAME]);

/* Opens the folder `path` below the workbench's own, its parts parted by '/', and makes what of it
 * is not there, for the user alone. −1 with a sentence. */
int own_folder_open(const struct workbench *workbench, const char *path, struct error *error);

/* Writes a new file of that name into the open folder. False with a sentence. */
bool own_folder_write(int folder, const char *name, const void *bytes, size_t length,
                      struct error *error);

/* The path of `path` in the workbench's own folder, as a child of ours finds it; free it. */
char *own_folder_path(const struct workbench *workbench, const char *path);

#endif
