#include "stats/changes.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"

enum { ORDERS = 9999, ORDERS_OF_MANY = 999, MANY = 1000, DEPTH_MOST = 64 };

struct ranked {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

/* Ranks less their mean, times two, so that those of equal values, which share their mean, are
 * whole. */
static void rank(const double *value, size_t count, double *to)
{
    struct ranked *sorted = memory_new(count, sizeof *sorted);
    size_t end;

    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct ranked){value[i], i};
    qsort(sorted, count, sizeof *sorted, by_value);
    for (size_t begin = 0; begin < count; begin = end) {
        for (end = begin; end < count && sorted[end].value == sorted[begin].value;)
            end++;
        for (size_t i = begin; i < end; i++)
            to[sorted[i].at] = (double)(begin + end) - (double)count;
    }
    free(sorted);
}

/* How far apart the sides of the furthest place are, and which that is: as many values or more than
 * a side needs stand before and behind it. */
static double furthest(const double *ranks, size_t count, size_t *at)
{
    double sum = 0, most = -1;

    for (size_t i = 0; i + CHANGES_SIDE_LEAST < count; i++) {
        sum += ranks[i];
        if (i + 1 >= CHANGES_SIDE_LEAST && fabs(sum) > most) {
            most = fabs(sum);
            *at = i + 1;
        }
    }
    return most;
}

static void shuffle(double *values, size_t count, struct random *random)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t other = (size_t)random_below(random, i + 1);
        double value = values[i];

        values[i] = values[other];
        values[other] = value;
    }
}

/* The clearest step of the values; its p, and 1 where there is none. */
static double find_one(const double *value, size_t count, size_t *at)
{
    const uint64_t key[] = {count};
    size_t orders = count > MANY ? ORDERS_OF_MANY : ORDERS, as_far = 1, place;
    double *ranks, far;
    struct random random;

    if (count < 2 * CHANGES_SIDE_LEAST)
        return 1;
    ranks = memory_new(count, sizeof *ranks);
    random_init(&random, key, 1);
    rank(value, count, ranks);
    far = furthest(ranks, count, at);
    for (size_t i = 0; i < orders && far > 0; i++) {
        shuffle(ranks, count, &random);
        as_far += furthest(ranks, count, &place) >= far;
    }
    free(ranks);
    return far > 0 ? (double)as_far / (double)(orders + 1) : 1;
}

struct finding {
    const double *value;
    double level;
    struct change *change;
    size_t count;
};

static void find_in(struct finding *finding, size_t begin, size_t end, int depth)
{
    size_t at = 0;
    double p = depth < DEPTH_MOST ? find_one(finding->value + begin, end - begin, &at) : 1;

    if (p > finding->level)
        return;
    find_in(finding, begin, begin + at, depth + 1);
    finding->change[finding->count++] = (struct change){.at = begin + at, .p = p};
    find_in(finding, begin + at, end, depth + 1);
}

static double mean_of(const double *value, size_t begin, size_t end)
{
    double sum = 0;

    for (size_t i = begin; i < end; i++)
        sum += value[i];
    return sum / (double)(end - begin);
}

size_t changes_find(const double *value, size_t count, double level, struct change *change)
{
    struct finding finding = {.value = value, .level = level, .change = change};

    find_in(&finding, 0, count, 0);
    for (size_t i = 0; i < finding.count; i++) {
        size_t begin = i > 0 ? change[i - 1].at : 0;
        size_t end = i + 1 < finding.count ? change[i + 1].at : count;

        change[i].before = mean_of(value, begin, change[i].at);
        change[i].after = mean_of(value, change[i].at, end);
    }
    return finding.count;
}
