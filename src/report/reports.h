/* The reports that travel: made from run directories alone, by `run` at its end and by `report` at
 * any time. They come to their places together, under a name that nobody has taken: of two programs
 * that write at the same time, none overwrites what is the other's. */
#ifndef REPORT_REPORTS_H
#define REPORT_REPORTS_H

#include <stdio.h>

#include "core/error.h"
#include "core/text.h"
#include "report/runs.h"

/* A file of somebody else's making that goes with them. */
struct reports_file {
    const char *ending;
    struct text content;
};

enum reports_manner {
    REPORTS_FREE,    /* under the first of stem, stem-2, stem-3 … of which nothing is there */
    REPORTS_REPLACE, /* in the place of those there */
    REPORTS_MISSING, /* beside those there: only what is not */
};

struct reports_asked {
    const char *folder; /* which is there */
    const char *stem;   /* the beginning of their names */
    enum reports_manner manner;
    const struct reports_file *file; /* more of them; with REPORTS_FREE only */
    size_t files;
};

/* Writes "<base>.xlsx", "<base>.html", where the workbook cannot list all requests
 * "<base>_requests.csv", and the files that go with them; sweeps away what killed programs have
 * left there. `base` is the path they have in common, for the caller to free. Adds a
 * warning where requests of a step cannot be read, and so are in none of them. False with a
 * sentence, and nothing new is there. */
bool reports_write(const struct runs *runs, const struct reports_asked *asked, char **base,
                   struct faults *warnings, struct error *error);

/* Prints the names of what of a base is there. */
void reports_name(FILE *out, const char *base);

#endif
