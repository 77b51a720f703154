#include "stats/steady.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/waves.h"

/* How often one request of a whole study stands out by chance alone. */
static const double chance_of_study = 0.02;

/* Requests of one level lie within so many standard deviations. */
static const double level_width = 4;

/* Of normal values, the first quartile of the differences of two, times this, is their deviation
 * (Rousseeuw and Croux, 1993); up to half of the values may be anything. */
static const double quartile_to_deviation = 2.2219;

/* PAIRS: how far apart two requests are at most that are held against each other. */
enum { ROUNDS = 3, TRANSIENT_VISITS = 3, HALVES = 3, PAIRS = 8 };

/* A visit's steady requests, in the order they were sent. */
struct visit {
    struct switch_side *side;
    double *log;        /* of the TTFT; owned */
    bool *slow;         /* owned */
    size_t from, count; /* those before `from` are left out */
    size_t group;       /* visits of one run to one row */
    double begin_s;     /* when its exposed request was sent; 0: not known */
    double level;
};

struct look {
    struct visit *visit;
    size_t visits;
    double deviation, df;
    struct study_steady *steady;
};

/* --- What is looked at ------------------------------------------------------------------------ */

static void add(struct look *look, const struct study *study, const struct study_visit *about,
                struct switch_side *side)
{
    struct visit *visit = &look->visit[look->visits++];

    *visit = (struct visit){.side = side,
                            .group = about->run * study->rows + about->row,
                            .begin_s = (double)about->step->evidence.begin_ns / CLOCK_NS_PER_S,
                            .log = memory_new(side->samples, sizeof *visit->log),
                            .slow = memory_new(side->samples, sizeof *visit->slow),
                            .count = side->samples};
    for (size_t i = 0; i < side->samples; i++)
        visit->log[i] = log(side->sample[i].ttft_s);
}

static void collect(struct study *study, enum switch_source source, struct look *look)
{
    look->visit = memory_new(study->visits, sizeof *look->visit);
    for (size_t i = 0; i < study->visits; i++) {
        struct switch_evidence *evidence = &study->visit[i].step->evidence;

        if (evidence->reason != SWITCH_MEASURABLE)
            continue;
        if (evidence->side[source].sample)
            add(look, study, &study->visit[i], &evidence->side[source]);
        else
            look->steady->requests += evidence->side[source].steady;
    }
}

/* Those from `from` on, ascending; free it. */
static double *sorted_from(const struct visit *visit, size_t from)
{
    double *sorted = memory_new(visit->count - from, sizeof *sorted);

    for (size_t i = from; i < visit->count; i++)
        sorted[i - from] = visit->log[i];
    quantile_sort(sorted, visit->count - from);
    return sorted;
}

/* --- How much they vary ----------------------------------------------------------------------- */

/* A first guess that slow ones do not disturb, from requests that are not far apart. */
static double guess_deviation(const struct look *look)
{
    double *apart = NULL, deviation = 0;
    size_t pairs = 0;

    for (size_t v = 0; v < look->visits; v++) {
        const struct visit *visit = &look->visit[v];

        for (size_t i = visit->from; i < visit->count; i++) {
            for (size_t k = i + 1; k < visit->count && k <= i + PAIRS; k++) {
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

static double mean_kept(const struct visit *visit, size_t *kept)
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
static void measure_deviation(struct look *look)
{
    double squares = 0;

    look->df = 0;
    for (size_t v = 0; v < look->visits; v++) {
        const struct visit *visit = &look->visit[v];
        size_t kept;
        double mean = mean_kept(visit, &kept);

        for (size_t i = visit->from; i < visit->count; i++)
            squares += visit->slow[i] ? 0 : (visit->log[i] - mean) * (visit->log[i] - mean);
        look->df += kept > 0 ? (double)(kept - 1) : 0;
    }
    look->deviation = look->df > 0 ? sqrt(squares / look->df) : 0;
}

/* --- Slow ones -------------------------------------------------------------------------------- */

/* The level of a visit: the mean of the lowest requests that lie close together and are a third of
 * it at least. */
static void find_level(struct visit *visit, double width)
{
    size_t count = visit->count - visit->from, third = (count + 2) / 3;
    double *sorted = sorted_from(visit, visit->from);

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
static void mark_slow(struct look *look)
{
    double most = 0, all = (double)look->steady->requests;

    if (look->df > 0)
        most = distribution_t_quantile_above(chance_of_study / all, look->df) * look->deviation;
    for (size_t v = 0; v < look->visits; v++) {
        struct visit *visit = &look->visit[v];
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

static void count_slow(struct look *look)
{
    struct study_steady *steady = look->steady;
    double sum = 0, squares = 0, all = fmax(1, (double)steady->requests);

    for (size_t v = 0; v < look->visits; v++) {
        const struct visit *visit = &look->visit[v];
        size_t kept;
        double mean = mean_kept(visit, &kept);

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

static void find_slow(struct look *look)
{
    for (size_t v = 0; v < look->visits; v++)
        look->steady->requests += look->visit[v].count - look->visit[v].from;
    measure_deviation(look);
    look->deviation = guess_deviation(look);
    for (int round = 0; round < ROUNDS; round++) {
        mark_slow(look);
        measure_deviation(look);
    }
    count_slow(look);
}

/* --- A transient ------------------------------------------------------------------------------ */

/* Where the later half begins. */
static size_t half_of(const struct visit *visit)
{
    return visit->count / 2;
}

static double median_from(const struct visit *visit, size_t from)
{
    double *sorted = sorted_from(visit, from);
    double median = quantile_of_sorted(sorted, visit->count - from, 0.5);

    free(sorted);
    return median;
}

/* Whether first steady requests take longer than the later halves: t = mean ÷ (deviation ÷ √n) of
 * their differences. */
static void find_transient(struct look *look)
{
    double *apart = memory_new(look->visits, sizeof *apart), t;
    size_t count = 0;

    for (size_t v = 0; v < look->visits; v++) {
        const struct visit *visit = &look->visit[v];

        if (visit->count >= HALVES)
            apart[count++] = visit->log[0] - median_from(visit, half_of(visit));
    }
    if (count >= TRANSIENT_VISITS) {
        t = quantile_mean(apart, count) / (quantile_stddev(apart, count) / sqrt((double)count));
        look->steady->transient = distribution_t_above(t, (double)count - 1) <= STEADY_LEVEL;
    }
    for (size_t v = 0; v < look->visits && look->steady->transient; v++)
        look->visit[v].from = half_of(&look->visit[v]);
    free(apart);
}

/* --- Drift ------------------------------------------------------------------------------------ */

/* Sums of x, seconds, and y = ln TTFT, around the means of their groups. */
struct sums {
    double xx, xy, yy, count, groups;
};

/* When the request was sent, after its visit's exposed one. */
static double sent_s(const struct visit *visit, size_t i)
{
    return visit->side->sample[i].after_s;
}

static double mean_sent_s(const struct visit *visit, size_t kept)
{
    double sum = 0;

    for (size_t i = visit->from; i < visit->count; i++)
        sum += visit->slow[i] ? 0 : sent_s(visit, i);
    return sum / (double)kept;
}

static void add_within(const struct visit *visit, struct sums *sums)
{
    size_t kept;
    double mean = mean_kept(visit, &kept), mean_s = mean_sent_s(visit, kept);

    for (size_t i = visit->from; i < visit->count && kept > 1; i++) {
        double x = sent_s(visit, i) - mean_s, y = visit->log[i] - mean;

        if (visit->slow[i])
            continue;
        sums->xx += x * x;
        sums->xy += x * y;
        sums->yy += y * y;
    }
    sums->count += kept > 1 ? (double)kept : 0;
    sums->groups += kept > 1;
}

/* The means of the visits of one run to one row; none where their moments are not known. */
static void add_between(const struct look *look, size_t first, bool *done, struct sums *sums)
{
    double x = 0, y = 0, xx = 0, xy = 0, yy = 0, count = 0;

    for (size_t v = first; v < look->visits; v++) {
        const struct visit *visit = &look->visit[v];
        size_t kept;
        double mean = mean_kept(visit, &kept), at_s;

        if (visit->group != look->visit[first].group)
            continue;
        done[v] = true;
        if (kept == 0 || !(visit->begin_s > 0))
            continue;
        at_s = visit->begin_s - look->visit[first].begin_s + mean_sent_s(visit, kept);
        x += at_s;
        y += mean;
        xx += at_s * at_s;
        xy += at_s * mean;
        yy += mean * mean;
        count++;
    }
    if (count < 2)
        return;
    sums->xx += xx - x * x / count;
    sums->xy += xy - x * y / count;
    sums->yy += yy - y * y / count;
    sums->count += count;
    sums->groups++;
}

/* The slope where it is significant, with its standard error; else 0. */
static double slope_of(const struct sums *sums, double *error)
{
    double df = sums->count - sums->groups - 1, slope = sums->xy / sums->xx;

    if (df < 2 || !(sums->xx > 0))
        return 0;
    *error = sqrt(fmax(0, sums->yy - slope * sums->xy) / df / sums->xx);
    return 2 * distribution_t_above(fabs(slope) / *error, df) <= STEADY_LEVEL ? slope : 0;
}

static void find_drift(struct look *look)
{
    bool *done = memory_new(look->visits, sizeof *done);
    struct sums between = {0}, within = {0};
    double slope, error = 0, back_s = 0;

    for (size_t v = 0; v < look->visits; v++) {
        size_t kept;

        add_within(&look->visit[v], &within);
        if (!done[v])
            add_between(look, v, done, &between);
        mean_kept(&look->visit[v], &kept);
        back_s += kept > 0 ? mean_sent_s(&look->visit[v], kept) / (double)look->visits : 0;
    }
    free(done);
    slope = slope_of(&between, &error);
    if (slope == 0 && !look->steady->transient)
        slope = slope_of(&within, &error);
    look->steady->drift = slope != 0;
    look->steady->drift_per_s = slope;
    if (slope != 0 &&
        look->deviation > 0) /* the level is carried back, as surely as the slope is */
        look->steady->widening = sqrt(1 + pow(error * back_s / look->deviation, 2));
}

/* --- Neighbours ------------------------------------------------------------------------------- */

/* Sums of residuals, of products of those next to each other, of how many there are of these, and
 * of what is expected of them where they are independent. */
struct neighbours {
    double squares, products, pairs, expected, df;
    double first_squares, firsts; /* of first requests around the mean of the others */
};

static void add_neighbours(const struct look *look, const struct visit *visit,
                           struct neighbours *sums)
{
    size_t kept;
    double slope = look->steady->drift_per_s, mean = mean_kept(visit, &kept), before = NAN;
    double mean_s = mean_sent_s(visit, kept), first = NAN;

    if (kept < 3)
        return;
    for (size_t i = visit->from; i < visit->count; i++) {
        double residual = visit->log[i] - mean - slope * (sent_s(visit, i) - mean_s);

        if (!visit->slow[i]) {
            sums->squares += residual * residual;
            first = isnan(first) ? residual : first;
        }
        if (!visit->slow[i] && !isnan(before)) {
            sums->products += residual * before;
            sums->pairs++;
        }
        before = visit->slow[i] ? NAN : residual;
    }
    sums->df += (double)(kept - 1);
    sums->expected += (double)(kept - 1) / (double)kept;
    /* a first residual is (kept − 1) ÷ kept of its distance from the others */
    sums->first_squares += first * first * (double)kept / (double)(kept - 1);
    sums->firsts++;
}

static void find_neighbours(struct look *look)
{
    struct neighbours sums = {0};
    double correlation, z;

    for (size_t v = 0; v < look->visits; v++)
        add_neighbours(look, &look->visit[v], &sums);
    if (!(sums.pairs > 2) || !(sums.squares > 0))
        return;
    correlation = sums.products / sums.squares;
    z = (correlation + sums.expected / sums.df) * sqrt(sums.pairs);
    look->steady->neighbours = distribution_t_above(z, INFINITY) <= STEADY_LEVEL;
    if (look->steady->neighbours)
        look->steady->widening *=
            sqrt(fmax(1, sums.first_squares / sums.firsts / (sums.squares / sums.df)));
}

/* --- Each side again -------------------------------------------------------------------------- */

/* Its kept requests' figures; the level carried on to the exposed request where they drift. */
static void fill_side(const struct look *look, const struct visit *visit)
{
    double *kept = memory_new(visit->count, sizeof *kept), slope = look->steady->drift_per_s;
    struct sums sums = {0};
    double shift;
    size_t count = 0;

    for (size_t i = visit->from; i < visit->count; i++) {
        if (!visit->slow[i])
            kept[count++] = visit->side->sample[i].ttft_s;
    }
    visit->side->slow = visit->count - visit->from - count;
    waves_sum_up(kept, count, visit->side);
    free(kept);
    if (slope == 0)
        return;
    shift = -slope * mean_sent_s(visit, count);
    add_within(visit, &sums);
    visit->side->steady_s *= exp(shift);
    visit->side->steady_median_s *= exp(shift);
    visit->side->log_ratio -= shift;
    visit->side->log_squares -= slope * (2 * sums.xy - slope * sums.xx);
}

void steady_look(struct study *study, enum switch_source source)
{
    struct study_steady *steady = &study->steady[source];
    struct look look = {.steady = steady};

    *steady = (struct study_steady){.widening = 1};
    collect(study, source, &look);
    find_transient(&look);
    find_slow(&look);
    find_drift(&look);
    find_neighbours(&look);
    for (size_t v = 0; v < look.visits; v++) {
        fill_side(&look, &look.visit[v]);
        free(look.visit[v].log);
        free(look.visit[v].slow);
    }
    free(look.visit);
}

/* --- Chance ----------------------------------------------------------------------------------- */

double steady_slow_chance(const struct study_steady *steady, double excess)
{
    double sum = 0, share;
    size_t above = 0;

    if (steady->slow == 0)
        return 0;
    for (size_t i = 0; i < steady->slow; i++) {
        sum += steady->excess[i];
        above += steady->excess[i] >= excess;
    }
    share = pow(1 + fmax(excess, 0) / sum, -(double)steady->slow);
    if (excess <= 2 * steady->excess[steady->slow - 1])
        share = fmax(share, (double)(above + 1) / (double)(steady->slow + 1));
    return steady->slow_share * share;
}

void steady_clear(struct study_steady *steady)
{
    free(steady->excess);
    *steady = (struct study_steady){0};
}
