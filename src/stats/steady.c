#include "stats/steady_shape.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/steady.h"
#include "stats/waves.h"

/* How often a request stands out by chance alone: one of a whole study, or one of so many. */
static const double chance_of_study = 0.002, chance_of_request = 1e-5;

/* Requests of one level lie within so many standard deviations. */
static const double level_width = 4;

/* Of normal values, the first quartile of the differences of two, times this, is their deviation
 * (Rousseeuw and Croux, 1993); up to half of the values may be anything. */
static const double quartile_to_deviation = 2.2219;

/* PAIRS: how far apart two requests are at most that are held against each other. */
enum { ROUNDS = 3, PAIRS = 8 };

/* --- What is looked at ------------------------------------------------------------------------ */

static void add(struct steady_look *look, const struct study *study,
                const struct study_visit *about, struct switch_side *side)
{
    struct steady_visit *visit = &look->visit[look->visits++];

    *visit =
        (struct steady_visit){.side = side,
                              .group = about->run * study->rows + about->row,
                              .begin_s = (double)about->step->measurement.begin_ns / CLOCK_NS_PER_S,
                              .log = memory_new(side->samples, sizeof *visit->log),
                              .slow = memory_new(side->samples, sizeof *visit->slow),
                              .count = side->samples};
    for (size_t i = 0; i < side->samples; i++)
        visit->log[i] = log(side->sample[i].ttft_s);
}

static void collect(struct study *study, enum switch_source source, struct steady_look *look)
{
    look->visit = memory_new(study->visits, sizeof *look->visit);
    for (size_t i = 0; i < study->visits; i++) {
        struct switch_measurement *measurement = &study->visit[i].step->measurement;

        if (measurement->reason != SWITCH_MEASURABLE)
            continue;
        if (measurement->side[source].sample)
            add(look, study, &study->visit[i], &measurement->side[source]);
        else
            look->steady->requests += measurement->side[source].steady;
    }
}

/* Those from `from` on, ascending; free it. */
double *steady_sorted_from(const struct steady_visit *visit, size_t from)
{
    double *sorted = memory_new(visit->count - from, sizeof *sorted);

    for (size_t i = from; i < visit->count; i++)
        sorted[i - from] = visit->log[i];
    quantile_sort(sorted, visit->count - from);
    return sorted;
}

/* --- How much they vary ----------------------------------------------------------------------- */

/* A guess that slow ones hardly disturb, from requests that are not far apart. */
static double guess_deviation(const struct steady_look *look)
{
    double *apart = NULL, deviation = 0;
    size_t pairs = 0;

    for (size_t v = 0; v < look->visits; v++) {
        const struct steady_visit *visit = &look->visit[v];

        for (size_t i = visit->from; i < visit->count; i++) {
            for (size_t k = i + 1; k < visit->count && k <= i + PAIRS; k++) {
                if (visit->slow[i] || visit->slow[k])
                    continue;
                apart = memory_grow(apart, pairs, sizeof *apart);
                apart[pairs++] = fabs(visit->log[i] - visit->log[k]);
            }
        }
    }
    if (pairs > 0) {
        quantile_sort(apart, pairs);
        deviation = quartile_to_deviation * quantile_of_sorted(apart, pairs, 0.25);
    }
    free(apart);
    return deviation;
}

double steady_mean_kept(const struct steady_visit *visit, size_t *kept)
{
    double sum = 0;

    *kept = 0;
    for (size_t i = visit->from; i < visit->count; i++) {
        sum += visit->slow[i] ? 0 : visit->log[i];
        *kept += !visit->slow[i];
    }
    return sum / (double)*kept;
}

/* The deviation of those that are kept, around their visits' means. */
static void measure_deviation(struct steady_look *look)
{
    double squares = 0;

    look->df = 0;
    for (size_t v = 0; v < look->visits; v++) {
        const struct steady_visit *visit = &look->visit[v];
        size_t kept;
        double mean = steady_mean_kept(visit, &kept);

        for (size_t i = visit->from; i < visit->count; i++)
            squares += visit->slow[i] ? 0 : (visit->log[i] - mean) * (visit->log[i] - mean);
        look->df += kept > 0 ? (double)(kept - 1) : 0;
    }
    look->deviation = look->df > 0 ? sqrt(squares / look->df) : 0;
}

/* --- Slow ones -------------------------------------------------------------------------------- */

/* The level of a visit: the mean of the lowest requests that lie close together and are a third of
 * it at least. */
static void find_level(struct steady_visit *visit, double width)
{
    size_t count = visit->count - visit->from, third = (count + 2) / 3;
    double *sorted = steady_sorted_from(visit, visit->from);

    for (size_t low = 0; low < count; low++) {
        double sum = 0;
        size_t within = 0;

        for (; low + within < count && sorted[low + within] <= sorted[low] + width; within++)
            sum += sorted[low + within];
        visit->level = sum / (double)within;
        if (within >= third)
            break;
    }
    free(sorted);
}

/* Marks what stands out above its visit's level. */
static void mark_slow(struct steady_look *look)
{
    double chance = fmax(chance_of_study / (double)look->steady->requests, chance_of_request);
    double most = 0;

    if (look->df > 0)
        most = distribution_t_quantile_above(chance, look->df) * look->deviation;
    for (size_t v = 0; v < look->visits; v++) {
        struct steady_visit *visit = &look->visit[v];
        size_t count = visit->count - visit->from;
        double bound = most * sqrt(1 + 1 / (double)count);

        find_level(visit, level_width * look->deviation);
        for (size_t i = visit->from; i < visit->count; i++)
            visit->slow[i] = count > 1 && most > 0 && visit->log[i] - visit->level > bound;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void count_slow(struct steady_look *look)
{
    struct study_steady *steady = look->steady;
    double sum = 0, squares = 0, all = fmax(1, (double)steady->requests);

    for (size_t v = 0; v < look->visits; v++) {
        const struct steady_visit *visit = &look->visit[v];
        size_t kept;
        double mean = steady_mean_kept(visit, &kept);

        for (size_t i = visit->from; i < visit->count; i++) {
            double excess = visit->slow[i] ? expm1(visit->log[i] - mean) : 0;

            sum += excess;
            squares += excess * excess;
            if (!visit->slow[i])
                continue;
            steady->excess = memory_grow(steady->excess, steady->slow, sizeof *steady->excess);
            steady->excess[steady->slow++] = excess;
        }
    }
    if (steady->slow > 0)
        qsort(steady->excess, steady->slow, sizeof *steady->excess, ascending);
    steady->slow_excess = sum / all;
    steady->slow_variance = squares / all - steady->slow_excess * steady->slow_excess;
    steady->slow_share = (double)(steady->slow + 1) / (double)(steady->requests + 20);
}

static void find_slow(struct steady_look *look)
{
    for (size_t v = 0; v < look->visits; v++)
        look->steady->requests += look->visit[v].count - look->visit[v].from;
    measure_deviation(look);
    for (int round = 0; round < ROUNDS; round++) { /* the fewer are left, the better the guess */
        look->deviation = guess_deviation(look);
        mark_slow(look);
    }
    measure_deviation(look); /* by what is left, those that a low guess took for slow come back */
    mark_slow(look);
    measure_deviation(look);
    count_slow(look);
}

/* --- Each side again -------------------------------------------------------------------------- */

/* Of those that are kept, off the line through their mean. */
static double squares_off(const struct steady_visit *visit, double slope)
{
    size_t kept;
    double mean = steady_mean_kept(visit, &kept), mean_s = steady_mean_sent_s(visit, kept), sum = 0;

    for (size_t i = visit->from; i < visit->count; i++) {
        double off = visit->log[i] - mean - slope * (visit->side->sample[i].after_s - mean_s);

        sum += visit->slow[i] ? 0 : off * off;
    }
    return sum;
}

/* Its kept requests' figures; the level carried on to the exposed request where they drift. */
static void fill_side(const struct steady_look *look, const struct steady_visit *visit)
{
    double *kept = memory_new(visit->count, sizeof *kept), slope = look->steady->drift_per_s;
    double shift;
    size_t count = 0;

    for (size_t i = 0; i < visit->count; i++) {
        visit->side->sample[i].left_out = i < visit->from || visit->slow[i];
        if (!visit->side->sample[i].left_out)
            kept[count++] = visit->side->sample[i].ttft_s;
    }
    visit->side->slow = visit->count - visit->from - count;
    if (visit->side->measured_s > 0)
        visit->side->exposed_s = visit->side->measured_s;
    visit->side->correction_error_s = visit->side->unsure_s = 0;
    waves_sum_up(kept, count, visit->side);
    free(kept);
    if (slope == 0)
        return;
    shift = -slope * steady_mean_sent_s(visit, count);
    visit->side->steady_s *= exp(shift);
    visit->side->log_ratio -= shift;
    visit->side->log_squares = squares_off(visit, slope);
}

void steady_look(struct study *study, enum switch_source source)
{
    struct study_steady *steady = &study->steady[source];
    struct steady_look look = {.steady = steady};

    steady_clear(steady);
    steady->widening = 1;
    collect(study, source, &look);
    steady_find_transient(&look);
    find_slow(&look);
    steady_find_drift(&look);
    steady_find_neighbours(&look);
    for (size_t v = 0; v < look.visits; v++) {
        fill_side(&look, &look.visit[v]);
        free(look.visit[v].log);
        free(look.visit[v].slow);
    }
    free(look.visit);
}

/* --- Chance ----------------------------------------------------------------------------------- */

double steady_excess_sum(const struct study_steady *steady)
{
    return steady->slow_excess * (double)steady->requests;
}

/* How many of the slow ones took as much; they ascend. */
static size_t count_above(const struct study_steady *steady, double excess)
{
    size_t low = 0, high = steady->slow;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (steady->excess[middle] < excess)
            low = middle + 1;
        else
            high = middle;
    }
    return steady->slow - low;
}

double steady_slow_chance(const struct study_steady *steady, double excess)
{
    double share, above;

    if (steady->slow == 0)
        return 0;
    share = pow(1 + fmax(excess, 0) / steady_excess_sum(steady), -(double)steady->slow);
    above = (double)count_above(steady, excess);
    if (excess <= 2 * steady->excess[steady->slow - 1])
        share = fmax(share, (above + 1) / (double)(steady->slow + 1));
    return steady->slow_share * share;
}

void steady_clear(struct study_steady *steady)
{
    free(steady->excess);
    *steady = (struct study_steady){0};
}
