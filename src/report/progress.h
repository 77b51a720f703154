/* How a run tells what it is doing while it does it: on a terminal one live line per row, elsewhere
 * a plain line when a row begins and one when it ends. */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "record/row.h"
#include "record/step.h"

struct progress {
    FILE *out;
    bool live;  /* draw the live line */
    bool quiet; /* say nothing */
    bool drawn; /* a live line stands on the screen */
    size_t rows;
};

/* What a live line shows, filled by whoever runs the row. */
struct progress_view {
    const struct row *row;
    size_t index; /* of the row, from 0 */
    size_t done, errors, in_flight;
    double elapsed_s;
    double ttft_p50_s; /* NAN: none yet */
};

/* Live where `out` is a terminal that can, and `plain` is not asked for. */
void progress_init(struct progress *progress, FILE *out, size_t rows, bool quiet, bool plain);

void progress_row_begins(struct progress *progress, const struct row *row, size_t index);
void progress_draw(struct progress *progress, const struct progress_view *view);
void progress_row_ends(struct progress *progress, const struct step *step);

#endif
