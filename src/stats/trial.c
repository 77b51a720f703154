#include "stats/trial.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"

enum { ALTERNATIVES = 12, BLOCKS_LEAST = 8, GROWTH_BLOCKS = 12, GROWTH_LEAST = 36 };

const double trial_error = 0.05;

/* How much of the inflation is not seen yet (careful()). */
static const double unseen = 25;

/* Each of the looks at what is in flight has an error of this. */
static const double growth_error = 0.002;

size_t trial_least(double share)
{
    return (size_t)ceil(log(trial_error) / log(share) - 1e-9);
}

/* --- How alike calls are ---------------------------------------------------------------------- */

struct ranked {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;

    return (x > y) - (x < y);
}

/* Equal values share the mean of their ranks. */
static void rank(const double *value, size_t count, double *ranks)
{
    struct ranked *order = memory_new(count, sizeof *order);

    for (size_t i = 0; i < count; i++)
        order[i] = (struct ranked){value[i], i};
    qsort(order, count, sizeof *order, by_value);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && order[end].value == order[i].value; end++)
            ;
        for (size_t k = i; k < end; k++)
            ranks[order[k].at] = (double)(i + end - 1) / 2;
    }
    free(order);
}

static double variance(const double *value, size_t count)
{
    double deviation = quantile_stddev(value, count);

    return deviation * deviation;
}

/* Means of neighbours, in place; an odd one at the end is left out. */
static size_t halve(double *value, size_t count)
{
    for (size_t i = 0; i < count / 2; i++)
        value[i] = (value[2 * i] + value[2 * i + 1]) / 2;
    return count / 2;
}

double trial_inflation(const double *value, size_t count, bool by_rank)
{
    double *blocks, all, most = 1;

    if (count < (size_t)2 * BLOCKS_LEAST)
        return 1;
    blocks = memory_new(count, sizeof *blocks);
    if (by_rank)
        rank(value, count, blocks);
    else
        for (size_t i = 0; i < count; i++)
            blocks[i] = value[i];
    all = variance(blocks, count);
    for (size_t length = 2; all > 0; length *= 2) {
        count = halve(blocks, count);
        if (count < BLOCKS_LEAST)
            break;
        most = fmax(most, (double)length * variance(blocks, count) / all);
    }
    free(blocks);
    return most;
}

/* --- The test --------------------------------------------------------------------------------- */

/* ln of one alternative's likelihood over that of the share itself. */
static double log_ratio(size_t good, size_t calls, double alternative, double share)
{
    size_t bad = calls - good;

    if ((alternative >= 1 && bad > 0) || (alternative <= 0 && good > 0))
        return -INFINITY;
    return (good > 0 ? (double)good * log(alternative / share) : 0) +
           (bad > 0 ? (double)bad * log((1 - alternative) / (1 - share)) : 0);
}

/* The mixture's ratio; the last alternative, at the end of what can be, has half of the weight:
 * most steps of a search are far from the load that is looked for. */
static double evidence(size_t good, size_t calls, double inflation, double share, bool above)
{
    double sum = 0, step = above ? 0.7 : pow(1 - share, -1.0 / ALTERNATIVES);
    double bad = 1 - share;

    for (int i = 0; i < ALTERNATIVES; i++) {
        bad *= step;
        if (bad < 1 - 1e-9)
            sum += exp(log_ratio(good, calls, 1 - bad, share) / inflation) / (2 * ALTERNATIVES);
    }
    return sum + exp(log_ratio(good, calls, above ? 1 : 0, share) / inflation) / 2;
}

enum trial_verdict trial_test(size_t good, size_t calls, double inflation, double share)
{
    if (calls == 0)
        return TRIAL_OPEN;
    if (evidence(good, calls, inflation, share, true) >= 1 / trial_error)
        return TRIAL_KEPT;
    if (evidence(good, calls, inflation, share, false) >= 1 / trial_error)
        return TRIAL_BROKEN;
    return TRIAL_OPEN;
}

/* --- What is in flight ------------------------------------------------------------------------ */

/* Of each call that counts, those sent before it that had not ended when it was sent: both stand in
 * time, so that one walk finds them. */
static void count_in_flight(const struct trial_call *call, size_t count, double *in_flight)
{
    double *ends = memory_new(count, sizeof *ends);
    size_t ended = 0, counted = 0;

    for (size_t i = 0; i < count; i++)
        ends[i] = call[i].end_s;
    quantile_sort(ends, count);
    for (size_t i = 0; i < count; i++) {
        while (ended < count && ends[ended] <= call[i].sent_s)
            ended++;
        if (call[i].counts)
            in_flight[counted++] = (double)i - (double)ended;
    }
    free(ends);
}

/* Under a load that is too high what is in flight is a walk: what it gains from block to block is
 * independent, of one mean, and Student's test applies. Where the endpoint keeps up it returns, and
 * the test errs on the careful side. */
static void look_at_growth(const double *in_flight, struct trial *trial)
{
    double gain[GROWTH_BLOCKS], length = (double)(trial->calls - 1) / GROWTH_BLOCKS;

    for (int i = 0; i < GROWTH_BLOCKS; i++)
        gain[i] =
            (in_flight[(size_t)((i + 1) * length)] - in_flight[(size_t)(i * length)]) / length;
    trial->growth = quantile_mean(gain, GROWTH_BLOCKS);
    trial->growth_error = quantile_stddev(gain, GROWTH_BLOCKS) / sqrt(GROWTH_BLOCKS);
    trial->growing = trial->growth > 0 &&
                     trial->growth > trial->growth_error * distribution_t_quantile_above(
                                                               growth_error, GROWTH_BLOCKS - 1);
}

/* --- Throughput ------------------------------------------------------------------------------- */

/* Calls that end by the second, over the blocks of those that count, by their ends. */
static void measure_throughput(const struct trial_call *call, size_t first, size_t count,
                               struct trial *trial)
{
    size_t ends = count - first;
    double *end_s = memory_new(ends, sizeof *end_s), took[GROWTH_BLOCKS], mean;
    double length = (double)(ends - 1) / GROWTH_BLOCKS;

    for (size_t i = first; i < count; i++)
        end_s[i - first] = call[i].end_s;
    quantile_sort(end_s, ends);
    for (int i = 0; i < GROWTH_BLOCKS; i++)
        took[i] = (end_s[(size_t)((i + 1) * length)] - end_s[(size_t)(i * length)]) / length;
    mean = quantile_mean(took, GROWTH_BLOCKS);
    trial->throughput = 1 / mean;
    trial->throughput_error =
        quantile_stddev(took, GROWTH_BLOCKS) / sqrt(GROWTH_BLOCKS) / mean / mean;
    free(end_s);
}

/* --- A look ----------------------------------------------------------------------------------- */

static enum trial_verdict judge(const struct trial_rule *rule, const struct trial *trial)
{
    enum trial_verdict verdict = trial_test(trial->good, trial->calls, trial->alike, rule->share);
    double most;

    if (verdict == TRIAL_BROKEN || trial->growing)
        return TRIAL_BROKEN;
    if (!rule->saturation)
        return verdict;
    most = trial->growth +
           trial->growth_error * distribution_t_quantile_above(trial_error, GROWTH_BLOCKS - 1);
    return verdict == TRIAL_KEPT && most < rule->resolution ? TRIAL_KEPT : TRIAL_OPEN;
}

/* What counts of the calls, series by series. */
struct series {
    double *margin, *good, *in_flight;
};

static void fill(const struct trial_call *call, size_t count, struct series *series,
                 struct trial *trial)
{
    trial->calls = trial->good = 0;
    for (size_t i = 0; i < count; i++) {
        if (!call[i].counts)
            continue;
        series->margin[trial->calls] = call[i].margin;
        series->good[trial->calls] = call[i].margin <= 1;
        trial->good += call[i].margin <= 1;
        trial->calls++;
    }
}

/* Few calls show too little of how alike they are: what they lack is as much as they show, to the
 * part that what they are alike over is of all of them. */
static double careful(double inflation, size_t calls)
{
    return inflation * (1 + unseen * inflation / (double)calls);
}

void trial_look(const struct trial_rule *rule, const struct trial_call *call, size_t count,
                struct trial *trial)
{
    struct series series = {memory_new(count, sizeof *series.margin),
                            memory_new(count, sizeof *series.good),
                            memory_new(count, sizeof *series.in_flight)};

    fill(call, count, &series, trial);
    trial->inflation = fmax(trial_inflation(series.good, trial->calls, false),
                            trial_inflation(series.margin, trial->calls, true));
    trial->growing = false;
    trial->in_flight = trial->growth = trial->growth_error = NAN;
    if (rule->open_loop) {
        count_in_flight(call, count, series.in_flight);
        trial->in_flight = trial->calls > 0 ? quantile_mean(series.in_flight, trial->calls) : NAN;
        trial->inflation =
            fmax(trial->inflation, trial_inflation(series.in_flight, trial->calls, true));
        if (trial->calls >= GROWTH_LEAST)
            look_at_growth(series.in_flight, trial);
    }
    trial->alike = careful(trial->inflation, trial->calls);
    trial->throughput = trial->throughput_error = NAN;
    if (trial->calls >= GROWTH_LEAST)
        measure_throughput(call, count - trial->calls, count, trial);
    trial->verdict = judge(rule, trial);
    free(series.margin);
    free(series.good);
    free(series.in_flight);
}
