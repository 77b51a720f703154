/* Mixes: rows that run together. Rows of one name in the column `mix` are its members, wherever
 * they stand; they begin and end together, on one clock, and are visited as one. */
#ifndef PLAN_MIXES_H
#define PLAN_MIXES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "plan/rows.h"
#include "plan/settings.h"

/* Whether a mix may have this name, which stands in the name of its file: the starter kit's tools
 * take every file whose name holds `summary` or `individual_responses` for one of theirs. */
bool mixes_may_name(const char *name);
extern const char mixes_name_wanted[]; /* what is wanted of a name, in words */

/* Adds a fault, with file and line, for each member that cannot run with the first of its mix: one
 * in open loop with one in closed loop, a warm-up, and one whose share says nothing. */
void mixes_check(const struct rows *rows, const char *file, struct faults *faults);

/* Gives the members of mixes with shares what the first row has for all: shares of 1 in all, its
 * concurrency and duration, the requests of all, and how many of these each is expected to send. */
void mixes_share_out(struct rows *rows);

/* Adds a fault for each setting that no mix can have: rows in parallel, and a probe. */
void mixes_check_settings(const struct rows *rows, const struct settings *settings,
                          struct faults *faults);

/* Which rows run together, by row. */
struct mixes {
    size_t *members; /* of the mix that begins with this row; of a row alone 1, of others 0 */
    size_t *next;    /* the mix's next row; as many as there are rows: none */
};

/* Clear it. Time grows as the rows do, but for sorting. */
void mixes_find(const struct rows *rows, struct mixes *mixes);
void mixes_clear(struct mixes *mixes);

#endif
