/* Amounts over the time of a run, in bins of equal width. Bins are joined in pairs where the time
 * outgrows them, so a run of any length needs the same room. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include <stddef.h>

enum { SERIES_BINS = 240 };

/* Zeroed, it is empty. Nothing to free. */
struct series {
    double width_s; /* of a bin; 0: nothing was added yet */
    double amount[SERIES_BINS];
    size_t bins; /* up to the last that has an amount */
};

/* Spreads `amount` evenly over the time from `from_s` to `to_s`, seconds since the run began; what
 * lies before that falls into the first bin. Where the two are the same or the wrong way round, all
 * of it falls where `to_s` is. Nothing happens where one of them, or the amount, is not finite. */
void series_add(struct series *series, double from_s, double to_s, double amount);

#endif
