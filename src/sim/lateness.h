/* How late tokens went out: counts in buckets, each at most 1/32 as wide as what it counts, so that
 * millions of them need no more room than a few. */
#ifndef SIM_LATENESS_H
#define SIM_LATENESS_H

#include <stdint.h>

enum { LATENESS_STEPS = 32, LATENESS_BUCKETS = 59 * LATENESS_STEPS };

/* Zeroed: none. */
struct lateness {
    int64_t buckets[LATENESS_BUCKETS];
    int64_t count;
    int64_t most_ns;
};

/* Counts one; what came early was not late. */
void lateness_add(struct lateness *lateness, int64_t late_ns);

/* At most that share of all (0 to 1) was less late, to 1/64 of the value; 0 where there is none. */
int64_t lateness_quantile_ns(const struct lateness *lateness, double share);

#endif
