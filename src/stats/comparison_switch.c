#include "stats/comparison_switch.h"

#include <math.h>

#include "stats/distribution.h"
#include "stats/shares.h"

static double conclusive(const struct comparison_visits *visits)
{
    return visits->paid + visits->not_paid;
}

double comparison_paid_share(const struct comparison_visits *visits)
{
    return conclusive(visits) > 0 ? visits->paid / conclusive(visits) : NAN;
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

/* --- Visits that were inconclusive ------------------------------------------------------------ */

typedef struct comparison compare_conclusive(const struct comparison_visits *base,
                                             const struct comparison_visits *candidate,
                                             const struct comparison_asked *asked);

static struct comparison_visits all_paid(struct comparison_visits visits)
{
    visits.paid += visits.unknown;
    return visits;
}

static struct comparison_visits none_paid(struct comparison_visits visits)
{
    visits.not_paid += visits.unknown;
    return visits;
}

/* What holds whichever they were. */
static struct comparison compare_both_ways(const struct comparison_visits *base,
                                           const struct comparison_visits *candidate,
                                           const struct comparison_asked *asked,
                                           compare_conclusive *compare)
{
    const struct comparison_visits least = none_paid(*base), most = all_paid(*candidate);
    const struct comparison_visits base_most = all_paid(*base), now_least = none_paid(*candidate);
    struct comparison gentle = compare(&base_most, &now_least, asked);
    struct comparison harsh = compare(&least, &most, asked);

    harsh.p_regressed = gentle.p_regressed;
    harsh.low = gentle.low;
    harsh.more = fmax(harsh.more, gentle.more);
    return harsh;
}

/* --- Shares ----------------------------------------------------------------------------------- */

static struct comparison compare_shares(const struct comparison_visits *base,
                                        const struct comparison_visits *candidate,
                                        const struct comparison_asked *asked)
{
    const struct shares_counted before = {base->paid, conclusive(base)};
    const struct shares_counted now = {candidate->paid, conclusive(candidate)};
    struct comparison comparison = {
        .by_difference = true, .unit = COMPARISON_VISITS, .units = fmin(before.of, now.of)};
    double margin = fmin(asked->margin, 1);
    struct comparison_distance distance = {.df = INFINITY};

    shares_interval(&before, &now, asked->confidence, &comparison.low, &comparison.high);
    distance.worse = now.hits / now.of - before.hits / before.of;
    distance.error = shares_error(&before, &now, 0);
    distance.past = distance.worse - margin;
    distance.past_error = shares_error(&before, &now, margin);
    comparison_conclude(asked, &distance, &comparison);
    return comparison;
}

struct comparison comparison_of_paid_shares(const struct comparison_visits *base,
                                            const struct comparison_visits *candidate,
                                            const struct comparison_asked *asked)
{
    struct comparison comparison = compare_both_ways(base, candidate, asked, compare_shares);

    comparison.base = comparison_paid_share(base);
    comparison.candidate = comparison_paid_share(candidate);
    comparison.change = comparison.candidate - comparison.base;
    return comparison;
}

/* --- Seconds per visit ------------------------------------------------------------------------ */

/* Of a side, with the other's cost where its own is not known. */
static struct comparison_estimate estimate_of(const struct comparison_visits *visits,
                                              const struct comparison_visits *other)
{
    const struct comparison_visits *paying = isnan(visits->cost_s) ? other : visits;
    double count = conclusive(visits) + 2, share = (visits->paid + 1) / count;
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

static struct comparison compare_visits(const struct comparison_visits *base,
                                        const struct comparison_visits *candidate,
                                        const struct comparison_asked *asked)
{
    const struct comparison_estimate before = estimate_of(base, candidate);
    const struct comparison_estimate now = estimate_of(candidate, base);
    const struct comparison_distance distance = distance_of(&before, &now, asked);
    struct comparison comparison = {.by_difference = true,
                                    .unit = COMPARISON_VISITS,
                                    .units = fmin(conclusive(base), conclusive(candidate))};
    double half =
        distance.error * distribution_t_quantile_above((1 - asked->confidence) / 2, distance.df);

    comparison.low = now.value - before.value - half;
    comparison.high = now.value - before.value + half;
    comparison_conclude(asked, &distance, &comparison);
    return comparison;
}

/* Neither side has a cost: nothing is past any margin, if all visits were conclusive. */
static struct comparison compare_nothing(const struct comparison_visits *candidate)
{
    bool open = candidate->unknown > 0;

    return (struct comparison){.by_difference = true,
                               .unit = COMPARISON_VISITS,
                               .error = open ? INFINITY : 0,
                               .df = INFINITY,
                               .p_regressed = 1,
                               .p_within = open,
                               .p_improved = 1};
}

struct comparison comparison_of_visits(const struct comparison_visits *base,
                                       const struct comparison_visits *candidate,
                                       const struct comparison_asked *asked)
{
    bool nothing = isnan(base->cost_s) && isnan(candidate->cost_s);
    struct comparison comparison = nothing
                                       ? compare_nothing(candidate)
                                       : compare_both_ways(base, candidate, asked, compare_visits);

    comparison.base = comparison_per_visit(base);
    comparison.candidate = comparison_per_visit(candidate);
    comparison.change = comparison.candidate - comparison.base;
    return comparison;
}
