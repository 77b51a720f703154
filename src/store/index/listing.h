/* The runs of an index as lists show them, newest first: which there are, what ran, how it ended.
 * The index is read as it is; index_update (update.h) brings it up to date. */
#ifndef STORE_INDEX_LISTING_H
#define STORE_INDEX_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* Which runs; NULL or "": any. */
struct listing_query {
    const char *id;      /* the one run of this id */
    const char *search;  /* stands in its name, in a label's value or in a model's name */
    const char *label;   /* NAME, or NAME=VALUE */
    const char *model;   /* the whole name of a model that it called */
    const char *verdict; /* of its measurement, as the index has it, or how that begins */
    size_t first, most;  /* of those found */
};

struct listing_label {
    char *name, *value;
};

struct listing_run {
    char *id, *path, *name, *state; /* "" where the index has none, as below */
    char *started_utc, *endpoint, *measurement_verdict;
    char **model; /* in the order they were first called */
    size_t models;
    struct listing_label *label; /* by name */
    size_t labels;
    size_t planned, steps, completed, errors; /* steps; requests */
};

struct listing {
    struct listing_run *run;
    size_t count;
    size_t total; /* found, of which these are some */
};

/* Reads them from the index of the folder `root`. False with a sentence. Clear `listing` either
 * way.
 */
bool listing_read(const char *root, const struct listing_query *query, struct listing *listing,
                  struct error *error);

void listing_clear(struct listing *listing);

#endif
