#include "stats/cost.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/replicate.h"

static const double tail = (1 - REPLICATE_CONFIDENCE) / 2;

void cost_share_interval(size_t hits, size_t count, double *low, double *high)
{
    *low = hits == 0 ? 0 : distribution_binomial_share(hits, count, tail);
    *high = hits == count ? 1 : distribution_binomial_share(hits + 1, count, 1 - tail);
}

static struct study_cost cost_of(const struct study *study, const size_t *member, size_t count)
{
    struct study_cost cost = {.share = NAN,
                              .share_low = NAN,
                              .share_high = NAN,
                              .cost_s = NAN,
                              .cost_low_s = NAN,
                              .cost_high_s = NAN};
    struct replicate *paid = memory_new(count, sizeof *paid);
    struct switch_estimate estimate = {0};
    struct spread_used spread = {0};

    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];

        cost.visits += visit_measured(visit);
        if (!visit->paid)
            continue;
        paid[cost.paid++] = visit->replicate;
        spread = visit->spread;
    }
    if (cost.visits > 0) {
        cost.share = (double)cost.paid / (double)cost.visits;
        cost_share_interval(cost.paid, cost.visits, &cost.share_low, &cost.share_high);
    }
    if (cost.paid > 0) {
        replicate_combine(paid, cost.paid, spread, &estimate);
        cost.cost_s = estimate.value_s;
        cost.cost_low_s = estimate.low_s;
        cost.cost_high_s = estimate.high_s;
        cost.error_s = estimate.standard_error_s;
        cost.df = estimate.df;
    }
    free(paid);
    return cost;
}

void cost_fill(const struct study *study, const struct grouping *grouping,
               struct study_group *groups)
{
    for (size_t g = 0; g < grouping->groups; g++)
        groups[g].cost = cost_of(study, &grouping->member[grouping->begin[g]],
                                 grouping->begin[g + 1] - grouping->begin[g]);
}

/* --- Whether it depends on what ran before --------------------------------------------------- */

/* Paid visits to one row after another. */
struct sums {
    const struct row *from;
    double sum, count;
};

static struct sums *find_sums(struct sums *sums, size_t *count, const struct row *from)
{
    for (size_t i = 0; i < *count; i++) {
        if (row_compare(sums[i].from, from) == 0)
            return &sums[i];
    }
    sums[*count] = (struct sums){.from = from};
    return &sums[(*count)++];
}

static double order_p(const struct study *study, const size_t *member, size_t count)
{
    struct sums *sums = memory_new(count, sizeof *sums);
    double all = 0, paid = 0, variance = 0, statistic = 0;
    size_t rows = 0;

    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];
        struct sums *own;

        if (!visit->paid || !visit->from)
            continue;
        own = find_sums(sums, &rows, visit->from);
        own->sum += visit->replicate.value_s;
        own->count++;
        all += visit->replicate.value_s;
        variance += visit->replicate.error_s * visit->replicate.error_s;
        paid++;
    }
    for (size_t i = 0; i < rows; i++) {
        double off = sums[i].sum / sums[i].count - all / paid;

        statistic += sums[i].count * off * off / (variance / paid);
    }
    free(sums);
    return rows < 2 ? NAN : distribution_chi_square_above(statistic, (double)rows - 1);
}

void cost_compare_orders(struct study *study, const struct grouping *rows)
{
    for (size_t g = 0; g < rows->groups; g++)
        study->row[g].order_p =
            order_p(study, &rows->member[rows->begin[g]], rows->begin[g + 1] - rows->begin[g]);
}
