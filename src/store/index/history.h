/* A figure of one row over the runs of an index. */
#ifndef STORE_INDEX_HISTORY_H
#define STORE_INDEX_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "store/index/labels.h"

struct history_wanted {
    const char *row;      /* its key (record/row_key.h), or a part of one key alone, in any letter
                           * case (of ASCII) */
    const char *metric;   /* with its statistic, as columns name it: "client_ttft_s_p50"; or a
                           * column of the table `step` that is a number */
    const char *by;       /* a label's name, by which runs are grouped; NULL: none */
    const char *endpoint; /* NULL: that of the newest run */
    const struct index_labels *labels; /* that runs have */
};

/* One run. */
struct history_point {
    char *path, *started_utc; /* "" where it is not known */
    char *group;              /* the label's value; "": it has none */
    double value;             /* the mean over the run's visits of the row */
    size_t visits;
    bool client_limited; /* a visit of them measured the client */
};

struct history {
    char *row, *endpoint;        /* of all points; owned */
    struct history_point *point; /* the oldest first; owned */
    size_t count;
    size_t elsewhere; /* runs of the row that went to other endpoints, and are no points */
};

/* Reads it from the index in `file`. Warm-up rows are left out, and visits without the figure.
 * False with a sentence, also where no row or several have the part (then some are named), and
 * where no run has the figure. Clear `history` either way. */
bool index_history_read(const char *file, const struct history_wanted *wanted,
                        struct history *history, struct error *error);

void index_history_clear(struct history *history);

#endif
