/* The runs of an index that came before a run and did the same. */
#ifndef STORE_INDEX_PAST_H
#define STORE_INDEX_PAST_H

#include <stddef.h>

#include "core/error.h"
#include "store/index/labels.h"

struct past_asked {
    const char *root;                  /* the folder that is indexed: paths are taken from it */
    const char *file;                  /* its index */
    const char *candidate;             /* the run directory that they came before */
    size_t most;                       /* so many, the newest */
    const struct index_labels *labels; /* that they have */
};

/* The paths of the newest finished runs that began before the candidate, with the same endpoint and
 * the same rows (run_row.h, row_set), the oldest first, behind the root's; ends with NULL. Free
 * each and the list. NULL with a sentence where there is none, or the candidate cannot be read. */
char **index_past_find(const struct past_asked *asked, size_t *count, struct error *error);

#endif
