/* What a search keeps in the run directory: of each step what it concluded, as an object of the
 * journal; of each row what came of it, in the manifest's "search". */
#ifndef STORE_SEARCH_FILE_H
#define STORE_SEARCH_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "record/search.h"
#include "stats/climb.h"
#include "store/manifest_content.h"

/* A step, as the search saw it. */
struct search_step {
    struct trial trial;
    bool confirms;
    size_t requests;         /* that it sent, its warm-up among them */
    double seconds;          /* from choosing it to its last request's end */
    char limit[SEARCH_WORD]; /* what its bad requests broke most often: a metric's key, "failed",
                              * "saturation"; "": none was bad */
};

/* Adds it as a JSON object. */
void search_step_add(const struct search_step *step, struct text *json);

/* Reads such an object; false where it is none. */
bool search_step_read(const char *json, struct search_step *step);

/* Adds them as one JSON object, for the manifest. */
void search_found_add(const struct search_found *found, size_t count, struct text *json);

/* Reads back what the manifest has, in the rows' order; to be freed. NULL and 0: it is no search's.
 */
struct search_found *search_found_read(const struct manifest_content *manifest, size_t *count);

#endif
