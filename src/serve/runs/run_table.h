/* The runs below the root, as the index has them (store/index/): what numbers they have, what a
 * list of them shows. The index is brought up to date before each list and each run that is added;
 * any thread may call these.
 */
#ifndef SERVE_RUNS_RUN_TABLE_H
#define SERVE_RUNS_RUN_TABLE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"

struct workbench;

enum { RUN_TABLE_PAGE = 50 }; /* runs of a page */

/* What a list is asked for; NULL or "": anything. `page` counts from 1. */
struct run_table_query {
    const char *search, *label, *model, *verdict, *page;
};

/* Adds {"runs": [RUN, …], "total": N, "page": N, "pages": N}, newest first. False with a sentence.
 */
bool run_table_list(struct workbench *workbench, const struct run_table_query *query,
                    struct text *json, struct error *error);

/* Brings the index up to date with the folder. False with a sentence. */
bool run_table_update(const struct workbench *workbench, struct error *error);

/* Adds {"running": [RUN, …], "last": RUN}: the runs under way, and of the others the newest of
 * which a step has ended, or null. False with a sentence. */
bool run_table_now(struct workbench *workbench, struct text *json, struct error *error);

/* The path below the root of a run, for the caller to free; NULL: there is none of that id. */
char *run_table_find(struct workbench *workbench, const char *id);

/* Adds the run as an object, as the list has it now; false: there is none of that id. */
bool run_table_add(struct workbench *workbench, const char *id, struct text *json);

/* Calls `each` with every run that a program writes to now. False with a sentence. */
struct run_table_running {
    const char *id, *path, *endpoint; /* the address as the manifest shows it; "": not known */
};
bool run_table_running(struct workbench *workbench,
                       void (*each)(void *context, const struct run_table_running *run),
                       void *context, struct error *error);

/* A run's name, the last part of its path. */
const char *run_table_name(const char *path);

#endif
