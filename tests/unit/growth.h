/* How work grows with what it is done on, by the CPU time of the test's own thread: what else runs
 * on the machine does not count, nor how fast it is. */
#ifndef GROWTH_H
#define GROWTH_H

#include <time.h>

#include "support.h"

enum { GROWTH_TIMES = 4, GROWTH_MOST = 9 }; /* work on 4 times as much: 4 if linear, 16 if square */

static inline double growth_cpu_s(void (*work)(size_t n), size_t n)
{
    struct timespec from, to;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    work(n);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Fails where the work on four times as much takes more than nine times as long, three times over.
 */
#define expect_no_square(name, work, n) growth_expect(name, work, n, __FILE__, __LINE__)

static inline void growth_expect(const char *name, void (*work)(size_t n), size_t n,
                                 const char *file, int line)
{
    double ratio = INFINITY;

    for (int round = 0; round < 3 && ratio > GROWTH_MOST; round++) {
        double once_s = growth_cpu_s(work, n);

        ratio = fmin(ratio, growth_cpu_s(work, GROWTH_TIMES * n) / once_s);
    }
    if (ratio > GROWTH_MOST) {
        print_error("%s: on 4 times as much the work takes %.1f times as long\n", name, ratio);
        _fail(file, line);
    }
}

#endif
