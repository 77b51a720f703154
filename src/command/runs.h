/* Run directories, read back and studied together. */
#ifndef COMMAND_RUNS_H
#define COMMAND_RUNS_H

#include "report/report.h"

struct runs {
    struct results *results; /* in the order they were named */
    size_t count;
    struct study study;   /* of all of them */
    struct report report; /* of all that */
};

/* Reads `folders`, which ends with NULL, and concludes; false with a sentence where one cannot be
 * read or is named twice. Clear `runs` either way. */
bool runs_read(char **folders, struct runs *runs, struct error *error);

void runs_clear(struct runs *runs);

#endif
