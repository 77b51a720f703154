#include "stats/steady_shape.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/steady.h"

enum { TRANSIENT_VISITS = 3, HALVES = 3 };

/* What drifts within a visit changes by so much of the TTFT at most, from its first steady request
 * to the last: more is the end of a transient, and no line to be carried on. */
static const double drift_most = 0.15;

/* --- Slopes ----------------------------------------------------------------------------------- */

/* Sums of x, seconds, and y = ln TTFT, around the means of their groups. */
struct sums {
    double xx, xy, yy, count, groups;
};

/* When the request was sent, after its visit's exposed one. */
static double sent_s(const struct steady_visit *visit, size_t i)
{
    return visit->side->sample[i].after_s;
}

double steady_mean_sent_s(const struct steady_visit *visit, size_t kept)
{
    double sum = 0;

    for (size_t i = visit->from; i < visit->count; i++)
        sum += visit->slow[i] ? 0 : sent_s(visit, i);
    return sum / (double)kept;
}

static void add_within(const struct steady_visit *visit, struct sums *sums)
{
    size_t kept;
    double mean = steady_mean_kept(visit, &kept), mean_s = steady_mean_sent_s(visit, kept);

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

/* The means of the visits of one run to one row, summed up. */
struct level_sums {
    double begin_s; /* of the first of them */
    double x, y, xx, xy, yy, count;
};

/* A visit counts where its moment is known. */
static void add_level(const struct steady_visit *visit, struct level_sums *sums)
{
    size_t kept;
    double y = steady_mean_kept(visit, &kept), x;

    if (kept == 0 || !(visit->begin_s > 0))
        return;
    if (sums->count == 0)
        sums->begin_s = visit->begin_s;
    x = visit->begin_s - sums->begin_s + steady_mean_sent_s(visit, kept);
    sums->x += x;
    sums->y += y;
    sums->xx += x * x;
    sums->xy += x * y;
    sums->yy += y * y;
    sums->count++;
}

static void add_between(const struct level_sums *levels, struct sums *sums)
{
    double count = levels->count;

    if (count < 2)
        return;
    sums->xx += levels->xx - levels->x * levels->x / count;
    sums->xy += levels->xy - levels->x * levels->y / count;
    sums->yy += levels->yy - levels->y * levels->y / count;
    sums->count += count;
    sums->groups++;
}

/* Between the visits of one run to one row. */
static struct sums sum_between(const struct steady_look *look)
{
    struct level_sums *levels;
    struct sums sums = {0};
    size_t groups = 0;

    for (size_t v = 0; v < look->visits; v++)
        groups = look->visit[v].group >= groups ? look->visit[v].group + 1 : groups;
    levels = memory_new(groups, sizeof *levels);
    for (size_t v = 0; v < look->visits; v++)
        add_level(&look->visit[v], &levels[look->visit[v].group]);
    for (size_t g = 0; g < groups; g++)
        add_between(&levels[g], &sums);
    free(levels);
    return sums;
}

static double df_of(const struct sums *sums)
{
    return sums->count - sums->groups - 1;
}

/* Whether they are enough to tell a slope by. */
static bool tells(const struct sums *sums)
{
    return df_of(sums) >= 2 && sums->xx > 0;
}

/* The slope where it is significant, with its standard error; else 0. */
static double slope_of(const struct sums *sums, double *error)
{
    double df = df_of(sums), slope = sums->xy / sums->xx;

    if (!tells(sums))
        return 0;
    *error = sqrt(fmax(0, sums->yy - slope * sums->xy) / df / sums->xx);
    return 2 * distribution_t_above(fabs(slope) / *error, df) <= STEADY_LEVEL ? slope : 0;
}

/* --- A transient ------------------------------------------------------------------------------ */

/* Where the later half begins. */
static size_t half_of(const struct steady_visit *visit)
{
    return visit->count / 2;
}

static double median_from(const struct steady_visit *visit, size_t from)
{
    double *sorted = steady_sorted_from(visit, from);
    double median = quantile_of_sorted(sorted, visit->count - from, 0.5);

    free(sorted);
    return median;
}

/* How long after the first request those from `from` on were sent, on average. */
static double later_by_s(const struct steady_visit *visit, size_t from)
{
    double sum = 0;

    for (size_t i = from; i < visit->count; i++)
        sum += sent_s(visit, i) - sent_s(visit, 0);
    return sum / (double)(visit->count - from);
}

/* From the first steady request of a visit to its last, on average. */
static double span_s(const struct steady_look *look)
{
    double sum = 0;

    for (size_t v = 0; v < look->visits; v++) {
        const struct steady_visit *visit = &look->visit[v];

        sum += visit->count > 0 ? sent_s(visit, visit->count - 1) - sent_s(visit, 0) : 0;
    }
    return sum / (double)look->visits;
}

/* The slope where it is significant, and drift; else 0. */
static double drift_of(const struct steady_look *look, const struct sums *sums, double *error)
{
    double slope = slope_of(sums, error);

    return fabs(slope) * span_s(look) <= drift_most ? slope : 0;
}

/* The slope within visits without their first requests. */
static double slope_behind_first(const struct steady_look *look)
{
    struct sums within = {0};
    double error;

    for (size_t v = 0; v < look->visits; v++) {
        struct steady_visit behind = look->visit[v];

        behind.from = 1;
        if (behind.count > 1)
            add_within(&behind, &within);
    }
    return drift_of(look, &within, &error);
}

/* Whether first steady requests take longer than the later halves, and than drift brings them to:
 * t = mean ÷ (deviation ÷ √n) of their differences. */
void steady_find_transient(struct steady_look *look)
{
    double *apart = memory_new(look->visits, sizeof *apart), slope = slope_behind_first(look), t;
    size_t count = 0;

    for (size_t v = 0; v < look->visits; v++) {
        const struct steady_visit *visit = &look->visit[v];

        if (visit->count >= HALVES)
            apart[count++] = visit->log[0] - median_from(visit, half_of(visit)) +
                             slope * later_by_s(visit, half_of(visit));
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

void steady_find_drift(struct steady_look *look)
{
    struct sums between = sum_between(look), within = {0};
    double slope, error = 0, back_s = 0;

    for (size_t v = 0; v < look->visits; v++) {
        size_t kept;

        add_within(&look->visit[v], &within);
        steady_mean_kept(&look->visit[v], &kept);
        back_s += kept > 0 ? steady_mean_sent_s(&look->visit[v], kept) / (double)look->visits : 0;
    }
    /* what changes within visits and not between them is no matter of time */
    if (tells(&between))
        slope = drift_of(look, &between, &error);
    else
        slope = look->steady->transient ? 0 : drift_of(look, &within, &error);
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

static void add_neighbours(const struct steady_look *look, const struct steady_visit *visit,
                           struct neighbours *sums)
{
    size_t kept;
    double slope = look->steady->drift_per_s, mean = steady_mean_kept(visit, &kept), before = NAN;
    double mean_s = steady_mean_sent_s(visit, kept), first = NAN;

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

void steady_find_neighbours(struct steady_look *look)
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
