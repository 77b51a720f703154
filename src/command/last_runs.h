/* "last:5" in the place of a baseline: the newest finished runs before the candidate, by the index
 * of the folder that they lie in. */
#ifndef COMMAND_LAST_RUNS_H
#define COMMAND_LAST_RUNS_H

#include <stdbool.h>

#include "command/command.h"
#include "core/error.h"

struct last_asked {
    const char *base;      /* as it was named */
    const char *candidate; /* a run directory, or a folder of them: then its first run counts */
    const char *in;        /* the folder of the runs; NULL: the one that the candidate lies in */
    const char *index;     /* its index; NULL: the usual one, in that folder */
    const struct option_texts *where; /* labels that they have */
};

struct last_runs {
    char **path; /* ends with NULL; owned */
    char *name;  /* "last:5 of results: monday, tuesday"; owned */
};

/* Whether a side is named so: it begins with "last:", and no such file is there. */
bool last_runs_is(const char *base);

/* Brings the index up to date and finds them; warns of what it could not read. Notes where they are
 * fewer than asked for. False with a sentence where there is none. Clear `runs` either way. */
bool last_runs_find(const struct last_asked *asked, struct last_runs *runs, struct error *error);

void last_runs_clear(struct last_runs *runs);

#endif
