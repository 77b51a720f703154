/* The runs of an index as a list, newest first, a page at a time. */
#ifndef STORE_INDEX_LIST_H
#define STORE_INDEX_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum { INDEX_ID = 17 }; /* 16 hexadecimal digits and a NUL */

/* The id of the run at that path below the root. */
void index_id_of(const char *path, char id[INDEX_ID]);

/* Which runs are wanted: those that all of these hold of. NULL: any. */
struct index_wanted {
    const char *id;      /* it is the one run of this id */
    const char *search;  /* stands in the name or path, in a label's value, or in a model's name, in
                          * any letter case (of ASCII) */
    const char *label;   /* "name=value", or "name": it has one of that name */
    const char *model;   /* it has a step of it */
    const char *verdict; /* the worst of its steps is this, or begins so: "invalid" */
    bool running;        /* true: a program writes to it */
    size_t page;         /* from 1; 0 is 1 */
    size_t per_page;     /* 0: all on one */
};

/* One run; what is not known is "". Texts are owned. */
struct index_listed {
    char *id, *path, *name, *state, *started_utc, *endpoint, *measurement_verdict;
    char *models, *labels;           /* "a, b" and "node=7, release=1.0", as they sort */
    char *models_json, *labels_json; /* the same as an array and as an object */
    size_t steps, steps_planned, num_requests_started, num_completed_requests, number_errors;
};

struct index_list {
    struct index_listed *run;
    size_t count; /* on this page */
    size_t total; /* on all */
};

/* Reads the page of the index in `file` (update.h). A run whose start is not known, as the starter
 * kit's, comes last. A page past the last has no run. False with a sentence where there is no index
 * of this version. Clear `list` either way. */
bool index_list_read(const char *file, const struct index_wanted *wanted, struct index_list *list,
                     struct error *error);

void index_list_clear(struct index_list *list);

#endif
