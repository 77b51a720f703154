/* What selftest checks: for each quantity its known values and how a run measured them.
 *
 * Two things are known. What the bundle file and the rows say: it follows that each count, and each
 * figure that the server computes from its model, has one right value, and nothing else will do.
 * And when the simulator truly read and wrote (its ground truth, on the same clock): the client's
 * times are held against that, not against the model, since a simulator that writes late is late,
 * and a client that says so is right.
 *
 * A known time begins when the request was read and ends just before the write, so what the client
 * measures beyond it is the way there and back: two crossings of the loopback and two wake-ups. */
#ifndef SELFTEST_CHECK_H
#define SELFTEST_CHECK_H

#include <stdbool.h>

#include "report/terminal/accuracy_table.h"
#include "selftest/measurement.h"

/* How many quantities there are, and one of them compared; `counts_only`: times are not judged. */
size_t check_count(void);
struct accuracy_line check_compare(size_t i, const struct measurement *measurement,
                                   bool counts_only);

/* Pairs of a known and a measured value. */
struct pairs {
    double *known, *measured;
    size_t count;
};

void pairs_clear(struct pairs *pairs);

/* Adds the TTFTs of the requests that were sent one at a time: known as they left, and measured. */
void check_add_ttft(const struct measurement *measurement, struct pairs *pairs);

/* The same moments by the model of the machine, and as they truly left. */
void check_add_lateness(const struct measurement *measurement, struct pairs *pairs);

#endif
