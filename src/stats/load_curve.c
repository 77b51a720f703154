#include "stats/load_curve.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

enum { POINTS = 240, SLOPES = 12, LAPSES = 4 };

static const double slope_least = 2, slope_most = 120;
static const double lapse_shares[LAPSES] = {0, 0.1, 0.3, 0.6}; /* of what may fail */

/* The interval's ends. */
static const double tail = 0.05;

/* How far from the centre, in ln(load), a step still counts a little. */
static const double reach = 0.45;
static const double weight_least = 0.03;

/* How much of the inflation a step does not show. The inflation is that of margins and of what is
 * in flight too, not of the good calls alone: bad ones come in a few runs, of which a step that is
 * short beside the queue's memory sees too few, or none. Of 700 calls to 8 places at 5 % above the
 * limit the good ones show a tenth of the inflation there is; a step that takes them for
 * independent draws the estimate to whatever the queue did (bench_search). */
static const double unseen = 8;

struct grid {
    double at[POINTS];   /* ln(load) */
    double mass[POINTS]; /* of x or c, summing to 1 */
};

static void spread(struct load_window window, struct grid *grid)
{
    double low = log(window.low), high = log(window.high);

    for (int i = 0; i < POINTS; i++)
        grid->at[i] = low + (high - low) * (i + 0.5) / POINTS;
}

/* From logarithms. */
static void normalise(struct grid *grid)
{
    double most = -INFINITY, sum = 0;

    for (int i = 0; i < POINTS; i++)
        most = fmax(most, grid->mass[i]);
    for (int i = 0; i < POINTS; i++)
        sum += grid->mass[i] = exp(grid->mass[i] - most);
    for (int i = 0; i < POINTS; i++)
        grid->mass[i] /= sum;
}

/* --- The share of good calls ------------------------------------------------------------------ */

/* Tukey's biweight of the distance; far away a step still tells on which side it is. */
static double weight_at(double load, double centre)
{
    double far = (log(load) - centre) / reach;

    return far * far < 1 ? fmax(weight_least, (1 - far * far) * (1 - far * far)) : weight_least;
}

/* Inflation that a step is too short to show, to the part that what its calls are alike over is of
 * all of them. */
static double inflation_of(const struct trial *trial)
{
    return trial->inflation * (1 + unseen * trial->inflation / (double)trial->calls);
}

/* Inflation is told poorly by one step: those at like loads help, each by its calls. */
static double pooled_inflation(const struct trial *trial, size_t count, size_t of)
{
    double sum = 0, weights = 0;

    for (size_t i = 0; i < count; i++) {
        double far = log(trial[i].load / trial[of].load) / 0.15;
        double weight = (double)trial[i].calls * exp(-far * far / 2);

        weights += weight;
        sum += trial[i].calls > 0 ? weight * inflation_of(&trial[i]) : 0;
    }
    return sum / weights;
}

/* Good calls under a load that is too high are those that came before the queue had grown: they
 * say nothing of what the share will be. */
static bool says_something(const struct trial *trial, double share)
{
    return trial->calls > 0 &&
           !(trial->growing && (double)trial->good >= share * (double)trial->calls);
}

/* Whether too few were good at some load: else all that is known of x is that it is higher. */
static bool any_breaks(const struct trial *trial, size_t count, double share)
{
    size_t i = 0;

    while (i < count && !(says_something(&trial[i], share) &&
                          (double)trial[i].good < share * (double)trial[i].calls))
        i++;
    return i < count;
}

/* What a step adds to the logarithm of each point of a curve's slope and lapse. */
static void add_step(const struct trial *trial, double weight, double share, double slope,
                     double lapse, const struct grid *grid, double *logs)
{
    double p = share / (1 - lapse), a = log(p / (1 - p)), at = log(trial->load);
    double bads = weight * (double)(trial->calls - trial->good);
    double goods = weight * (double)trial->good;

    for (int i = 0; i < POINTS; i++) {
        double good = (1 - lapse) / (1 + exp(slope * (at - grid->at[i]) - a));

        logs[i] += goods > 0 ? goods * log(fmax(good, 1e-9)) : 0;
        logs[i] += bads > 0 ? bads * log(fmax(1 - good, 1e-9)) : 0;
    }
}

/* Sums over slopes and lapses, as logarithms. */
static void add_curve(const double *logs, double *mass, bool first)
{
    for (int i = 0; i < POINTS; i++) {
        double high = first ? logs[i] : fmax(mass[i], logs[i]);
        double low = first ? -INFINITY : fmin(mass[i], logs[i]);

        mass[i] = high + log1p(exp(low - high));
    }
}

static void fit_share(const struct trial *trial, size_t count, double share, double centre,
                      struct grid *grid)
{
    double *weight = memory_new(count, sizeof *weight);

    for (size_t i = 0; i < count; i++)
        weight[i] = says_something(&trial[i], share)
                        ? weight_at(trial[i].load, centre) / pooled_inflation(trial, count, i)
                        : 0;
    for (int k = 0; k < SLOPES * LAPSES; k++) {
        double slope =
            slope_least * pow(slope_most / slope_least, (double)(k / LAPSES) / (SLOPES - 1));
        double lapse = lapse_shares[k % LAPSES] * (1 - share), logs[POINTS] = {0};

        for (size_t i = 0; i < count; i++) {
            if (weight[i] > 0)
                add_step(&trial[i], weight[i], share, slope, lapse, grid, logs);
        }
        add_curve(logs, grid->mass, k == 0);
    }
    free(weight);
    normalise(grid);
}

/* --- What the endpoint carries ---------------------------------------------------------------- */

static void fit_growth(const struct trial *trial, size_t count, struct grid *grid)
{
    for (int i = 0; i < POINTS; i++) {
        grid->mass[i] = 0;
        for (size_t k = 0; k < count; k++) {
            double off = trial[k].growth - fmax(0, 1 - exp(grid->at[i]) / trial[k].load);
            double error = fmax(trial[k].growth_error, 1e-3);

            if (!isnan(trial[k].growth))
                grid->mass[i] -= off * off / error / error / 2;
        }
    }
    normalise(grid);
}

static bool any_grows(const struct trial *trial, size_t count)
{
    size_t i = 0;

    while (i < count && !trial[i].growing)
        i++;
    return i < count;
}

/* --- Both ------------------------------------------------------------------------------------- */

/* The load at which so much lies below, between two points. */
static double quantile(const struct grid *grid, double share)
{
    double step = grid->at[1] - grid->at[0], sum = 0;
    int i = 0;

    while (i < POINTS - 1 && sum + grid->mass[i] < share)
        sum += grid->mass[i++];
    return exp(grid->at[i] + step * ((share - sum) / fmax(grid->mass[i], 1e-300) - 0.5));
}

/* Of the lower of two. */
static void take_lower(struct grid *grid, const struct grid *other)
{
    double above = 1, above_other = 1, before = 1;

    for (int i = 0; i < POINTS; i++) {
        above -= grid->mass[i];
        above_other -= other->mass[i];
        grid->mass[i] = fmax(0, before - fmax(0, above) * fmax(0, above_other));
        before = fmax(0, above) * fmax(0, above_other);
    }
}

static struct load_estimate estimate_of(const struct grid *grid)
{
    return (struct load_estimate){quantile(grid, 0.5), quantile(grid, tail),
                                  quantile(grid, 1 - tail)};
}

struct load_estimate load_curve_fit(const struct trial *trial, size_t count, double share,
                                    bool saturates, struct load_window window)
{
    struct grid grid, carries;

    spread(window, &grid);
    spread(window, &carries);
    if (saturates || any_grows(trial, count))
        fit_growth(trial, count, &carries);
    if (!any_breaks(trial, count, share) && (saturates || any_grows(trial, count)))
        return estimate_of(&carries);
    fit_share(trial, count, share, log(window.low * window.high) / 2, &grid);
    fit_share(trial, count, share, log(quantile(&grid, 0.5)), &grid);
    if (saturates || any_grows(trial, count))
        take_lower(&grid, &carries);
    return estimate_of(&grid);
}
