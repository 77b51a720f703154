#include "stats/comparison_switch.h"

#include <math.h>

#include "stats/distribution.h"
#include "stats/shares.h"

static double told(const struct comparison_visits *visits)
{
    return visits->paid + visits->not_paid;
}

double comparison_paid_share(const struct comparison_visits *visits)
{
    return told(visits) > 0 ? visits->paid / told(visits) : NAN;
}

double comparison_per_visit(const struct comparison_visits *visits)
{
    return visits->paid > 0 ? comparison_paid_share(visits) * visits->cost_s
                            : 0 * comparison_paid_share(visits);
}

struct comparison comparison_of_costs(const struct comparison_visits *base,
                                      const struct comparison_visits *candidate,
                                      const struct comparison_asked *asked)
{
    const struct comparison_estimate before = {base->paid > 0 ? base->cost_s : NAN, base->error_s,
                                               base->df};
    const struct comparison_estimate now = {candidate->paid > 0 ? candidate->cost_s : NAN,
                                            candidate->error_s, candidate->df};
    struct comparison comparison = comparison_of_estimates(&before, &now, asked);

    comparison.units = fmin(base->paid, candidate->paid);
    return comparison;
}

struct comparison comparison_of_paid_shares(const struct comparison_visits *base,
                                            const struct comparison_visits *candidate,
                                            const struct comparison_asked *asked)
{
    const struct shares_counted before = {base->paid, told(base)};
    const struct shares_counted now = {candidate->paid, told(candidate)};
    struct comparison comparison = {.base = comparison_paid_share(base),
                                    .candidate = comparison_paid_share(candidate),
                                    .by_difference = true,
                                    .unit = COMPARISON_VISITS,
                                    .units = fmin(before.of, now.of)};
    double margin = fmin(asked->margin, 1);
    struct comparison_distance distance = {.df = INFINITY};

    comparison.change = comparison.candidate - comparison.base;
    shares_interval(&before, &now, asked->confidence, &comparison.low, &comparison.high);
    distance.worse = comparison.change;
    distance.error = shares_error(&before, &now, 0);
    distance.past = distance.worse - margin;
    distance.past_error = shares_error(&before, &now, margin);
    comparison_conclude(asked, &distance, &comparison);
    return comparison;
}

/* --- Seconds per visit ------------------------------------------------------------------------ */

/* Of a side, with the other's cost where it paid none. */
static struct comparison_estimate estimate_of(const struct comparison_visits *visits,
                                              const struct comparison_visits *other)
{
    const struct comparison_visits *paying = visits->paid > 0 ? visits : other;
    double count = told(visits) + 2, share = (visits->paid + 1) / count;
    double of_share = paying->cost_s * sqrt(share * (1 - share) / count);
    double of_cost = share * paying->error_s;

    return (struct comparison_estimate){
        .value = share * paying->cost_s,
        .error = hypot(of_share, of_cost),
        .df = comparison_welch_df(of_share, INFINITY, of_cost, paying->df)};
}

static struct comparison_distance distance_of(const struct comparison_estimate *base,
                                              const struct comparison_estimate *candidate,
                                              const struct comparison_asked *asked)
{
    double allowed = 1 + asked->margin;

    return (struct comparison_distance){
        .worse = candidate->value - base->value,
        .error = hypot(candidate->error, base->error),
        .past = candidate->value - allowed * base->value,
        .past_error = hypot(candidate->error, allowed * base->error),
        .df = comparison_welch_df(base->error, base->df, candidate->error, candidate->df)};
}

/* Neither side paid, and nothing is past any margin. */
static void conclude_nothing(struct comparison *comparison)
{
    comparison->df = INFINITY;
    comparison->p_regressed = comparison->p_improved = 1;
    comparison->p_held = 0;
}

struct comparison comparison_of_visits(const struct comparison_visits *base,
                                       const struct comparison_visits *candidate,
                                       const struct comparison_asked *asked)
{
    struct comparison comparison = {.base = comparison_per_visit(base),
                                    .candidate = comparison_per_visit(candidate),
                                    .by_difference = true,
                                    .unit = COMPARISON_VISITS,
                                    .units = fmin(told(base), told(candidate))};
    struct comparison_estimate before, now;
    struct comparison_distance distance;
    double half;

    if (base->paid == 0 && candidate->paid == 0) {
        conclude_nothing(&comparison);
        return comparison;
    }
    before = estimate_of(base, candidate);
    now = estimate_of(candidate, base);
    distance = distance_of(&before, &now, asked);
    half = distance.error * distribution_t_quantile_above((1 - asked->confidence) / 2, distance.df);
    comparison.change = comparison.candidate - comparison.base;
    comparison.low = now.value - before.value - half;
    comparison.high = now.value - before.value + half;
    comparison_conclude(asked, &distance, &comparison);
    return comparison;
}
