/* What reports are made of: one read-only result of one or more runs. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stddef.h>

#include "record/qualification.h"
#include "stats/study.h"
#include "store/results.h"

struct detail; /* detail.h */

struct report {
    const struct results *run; /* in the order they were named */
    size_t runs;
    const struct study *study; /* of all of them */
    struct detail *detail;     /* the workbook, made last, lets go of what it has listed */
    const struct qualification *qualification; /* of these runs, as the candidate; NULL: none */
    const char *csv_name;    /* of the file that lists all requests, where the workbook cannot */
    const char *definitions; /* which runs mean something else by their figures; NULL: none */
};

#endif
