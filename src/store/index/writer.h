/* Writes runs into the index's tables and takes them out. For the index alone. */
#ifndef STORE_INDEX_WRITER_H
#define STORE_INDEX_WRITER_H

#include "store/index/run_row.h"
#include "store/index/step_row.h"
#include "store/index/switch_row.h"

enum { WRITER_FORGETS = 6 };

struct writer {
    struct database *database;
    struct step_writer steps;
    struct switch_writer switches;
    sqlite3_stmt *run, *label, *folder;
    sqlite3_stmt *path_of_uuid, *path_of_figures, *path_of_unnamed;
    sqlite3_stmt *request; /* NULL: the index has no requests */
    /* Requests, where the index has them, switches, metrics, steps, labels and the run. */
    sqlite3_stmt *forget[WRITER_FORGETS];
    sqlite3_stmt *forget_folder;
};

/* `requests`: the index has the table `request`. */
void writer_init(struct writer *writer, struct database *database, bool requests);
void writer_clear(struct writer *writer);

/* What the index keeps of a run directory besides its run. */
struct writer_folder {
    const char *path, *stamp;
    const char *copy_of, *problem; /* NULL: none */
};

void writer_add_folder(struct writer *writer, const struct writer_folder *folder);

/* Writes the run with its labels, steps, metrics and switches, and with its requests where the
 * index has them. False with a sentence where a file of switches or requests is broken: then what
 * of it is not is written. */
bool writer_add_run(struct writer *writer, const char *path, const struct results *results,
                    bool locked, struct error *error);

/* The paths of the runs in the index that have one of these steps, by its UUID, or where one of the
 * two has none, by its figures; each once, `count` of them, the first in order first. Free each and
 * the list. */
char **writer_find_runs(struct writer *writer, const struct results *results, size_t *count);

/* Takes out the run of that directory; the directory itself too. Where none is there nothing
 * happens. */
void writer_forget_run(struct writer *writer, const char *path);
void writer_forget_folder(struct writer *writer, const char *path);

#endif
