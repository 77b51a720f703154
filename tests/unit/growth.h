/* How work grows with what it is done on, by the CPU time of the test's own thread: what else runs
 * on the machine does not count, nor how fast it is. */
#ifndef GROWTH_H
#define GROWTH_H

#include <time.h>

#include "support.h"

/* Work on 4 times as much takes 4 times as long if it is linear, and 16 times if it is square. */
enum { GROWTH_TIMES = 4, GROWTH_MOST = 9, GROWTH_ROUNDS = 20 };

static inline double growth_cpu_s(void (*work)(size_t n), size_t n)
{
    struct timespec from, to;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    work(n);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Fails where the work on four times as much takes more than nine times as long. A disturbance only
 * ever adds time, so the least time of each is compared, and measured again while they differ by
 * more: what takes a square differs in all rounds. */
#define expect_no_square(name, work, n) growth_expect(name, work, n, __FILE__, __LINE__)

static inline void growth_expect(const char *name, void (*work)(size_t n), size_t n,
                                 const char *file, int line)
{
    double less_s = INFINITY, more_s = INFINITY, ratio = INFINITY;

    for (int round = 0; round < GROWTH_ROUNDS && ratio > GROWTH_MOST; round++) {
        less_s = fmin(less_s, growth_cpu_s(work, n));
        more_s = fmin(more_s, growth_cpu_s(work, GROWTH_TIMES * n));
        ratio = more_s / less_s;
    }
    if (ratio > GROWTH_MOST) {
        print_error("%s: on 4 times as much the work takes %.1f times as long\n", name, ratio);
        _fail(file, line);
    }
}

#endif
