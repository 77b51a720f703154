/* What the live block shows of a row; inside report/terminal/ and for who runs rows. */
#ifndef REPORT_TERMINAL_PROGRESS_VIEW_H
#define REPORT_TERMINAL_PROGRESS_VIEW_H

#include <stddef.h>

#include "record/row.h"
#include "record/step.h"

/* Filled by whoever runs the row. */
struct progress_view {
    const struct row *row;
    size_t index; /* of the row, from 0 */
    size_t done, in_flight;
    size_t uncounted; /* warm-up and cool-down requests that are done */
    double chunks;    /* that came so far */
    double elapsed_s;
    double counted_s;              /* since the first request that counts left; NAN: none has */
    double ttft_p50_s, ttft_p95_s; /* NAN: none yet */
    double output_tokens;          /* of the requests that ended */
    const struct error_count *error;
    size_t error_kinds;
};

#endif
