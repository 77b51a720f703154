/* The files of a run, as the workbench gives them out: opened one part of the path after another
 * below a folder that is open (openat(2)), following no symbolic link, so that no path and nothing
 * that somebody puts there leads elsewhere. */
#ifndef SERVE_RUNS_RUN_FOLDER_H
#define SERVE_RUNS_RUN_FOLDER_H

#include <stddef.h>
#include <stdint.h>

/* Opens the folder `path`, its parts parted by '/', below the open folder `root`; "." and ".." are
 * no parts. −1 with errno where it is none. */
int run_folder_open(int root, const char *path);

/* Opens a regular file `path` below `folder` to read, and gives its length in bytes. −1 with errno,
 * ENOENT for what is no regular file. */
int run_folder_open_file(int folder, const char *path, uint64_t *length);

struct run_folder_file {
    char *path; /* below the run's folder; owned */
    uint64_t length;
    int64_t changed_s; /* since 1970 */
};

struct run_folder_files {
    struct run_folder_file *file; /* by path */
    size_t count;
};

/* The regular files of a run: at most RUN_FOLDER_DEPTH folders down, none whose name begins with a
 * point. Clear it. */
enum { RUN_FOLDER_DEPTH = 3 };
void run_folder_list(int folder, struct run_folder_files *files);
void run_folder_files_clear(struct run_folder_files *files);

#endif
