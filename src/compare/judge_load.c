#include "compare/judge_load.h"

#include <math.h>

static const double normal_95 = 1.6448536;

/* Of a whole number, which hides the part behind its point: even over one. */
static const double whole_error = 0.288675;

bool judge_load_measures(const struct measure *measure)
{
    return measure->kind == MEASURE_MAX_QPS || measure->kind == MEASURE_MAX_AT_ONCE;
}

bool judge_load_applies(const struct measure *measure, const struct side_row *row)
{
    if (!row->searched)
        return !judge_load_measures(measure);
    return measure->kind == (row->open_loop ? MEASURE_MAX_QPS : MEASURE_MAX_AT_ONCE);
}

/* Relative to the load: from the interval of 90 %. */
static double error_of(const struct search_found *found)
{
    double error = log(found->high / found->low) / 2 / normal_95;

    return found->by != SEARCH_BY_CONCURRENCY ? error : hypot(error, whole_error / found->load);
}

/* Of a trace the rate that its speed comes to. */
static double value_of(const struct search_found *found)
{
    return found->by == SEARCH_BY_CONCURRENCY ? found->load : search_qps(found, found->load);
}

static struct comparison_estimate estimate_of(const struct side *side, const struct side_row *row)
{
    double sum = 0, errors = 0, runs = 0;

    for (size_t i = 0; i < side->runs.count; i++) {
        const struct search_found *found = row->run[i].found;

        if (!found || !(value_of(found) > 0))
            continue;
        runs++;
        sum += log(value_of(found));
        errors += error_of(found) * error_of(found);
    }
    return (struct comparison_estimate){runs > 0 ? exp(sum / runs) : NAN,
                                        sqrt(errors) / runs * exp(sum / runs), INFINITY};
}

double judge_load_value(const struct side *side, const struct side_row *row)
{
    return estimate_of(side, row).value;
}

struct comparison judge_load_compare(const struct side *base, const struct side_row *base_row,
                                     const struct side *candidate,
                                     const struct side_row *candidate_row,
                                     const struct comparison_asked *asked)
{
    const struct comparison_estimate before = estimate_of(base, base_row);
    const struct comparison_estimate now = estimate_of(candidate, candidate_row);

    return comparison_of_estimates(&before, &now, asked);
}
