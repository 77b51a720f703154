/* What one source told when it was asked once: the sums over its series of all that is known. */
#ifndef TELEMETRY_READING_H
#define TELEMETRY_READING_H

#include <stddef.h>
#include <stdint.h>

#include "telemetry/known.h"
#include "telemetry/ranks.h"

/* More bounds than any known server's histograms have; what lies beyond is in no bucket. */
enum { READING_BUCKETS = 96 };

struct reading_histogram {
    double sum, count;
    double bound[READING_BUCKETS],
        below[READING_BUCKETS]; /* how many were at most the bound, ascending */
    size_t buckets;
};

struct reading {
    int64_t at_ns;                   /* on the monotonic clock: when it was asked */
    size_t series[QUANTITIES];       /* how many told it; 0: it was not told */
    double value[QUANTITY_COUNTERS]; /* gauges and counters, in our units */
    struct reading_histogram histogram[QUANTITIES - QUANTITY_COUNTERS];
    const struct known_metric *from[QUANTITIES]; /* whose word counts; NULL: nobody's yet */
    struct ranks ranks;                          /* until reading_end */
};

void reading_begin(struct reading *reading, int64_t at_ns);

/* Adds a sample to what it counts towards; one that is not known adds nothing. NAN is not told. Of
 * several servers that tell a quantity in one text, an engine and what stands in front of it, the
 * one counts that is first in known.h's table. */
void reading_add(struct reading *reading, const struct exposition_sample *sample);

/* To be called behind the last sample: averages what is averaged, sorts the buckets, and frees what
 * it took to read. */
void reading_end(struct reading *reading);

#endif
