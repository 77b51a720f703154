/* The index: one SQLite database over all run directories below a folder, made from them alone. Its
 * tables are `run`, `label`, `step`, `metric`, `switch`, on request `request`, and `folder`, which
 * tells what was found and as which state of it; and of the comparisons that lie beside the runs
 * `comparison`, `comparison_line` and `comparison_run`. It may be removed at any time, and is made
 * anew from the directories. */
#ifndef STORE_INDEX_UPDATE_H
#define STORE_INDEX_UPDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

extern const char index_file_name[]; /* where none is named: in the indexed folder */

struct index_asked {
    const char *root;   /* the folder that holds runs */
    const char *file;   /* the database; NULL: index_file_name in the root */
    const char *advice; /* ends a sentence about a file that cannot be the index; NULL: "name
                         * another file with --output" */
    bool anew;          /* made anew, not updated by what has changed */
    bool requests;      /* with the table `request`; an index that has it keeps it until it is made
                         * anew */
};

struct index_made {
    char *file;
    size_t runs, steps;             /* that the index now has */
    size_t running;                 /* runs under way, of these */
    size_t requests, comparisons;   /* that it has besides */
    size_t added, updated, removed; /* run directories that are new, have changed, have gone */
    struct faults notes;            /* a sentence for each directory that is a copy of a run, and
                                     * for each file that was left out of one that was read */
    struct faults problems;         /* a sentence for each that could not be read, or not whole */
};

/* Brings the index up to date with the folder: reads the directories that are new, that do not
 * stand there as they were read, or whose run has ended or begun since, and takes out what has
 * gone. A directory that has a step in common with one before it, by its UUID or, where a name has
 * none, by its figures, is a copy, and not counted; of a step whose files are broken, and of a run
 * whose manifest is, a sentence is left, and the rest goes on. All of it is one transaction: where
 * it fails, false with a sentence, or is cut off, the index is as it was. Two at once wait for each
 * other. Clear `made` either way. */
bool index_update(const struct index_asked *asked, struct index_made *made, struct error *error);

void index_made_clear(struct index_made *made);

#endif
