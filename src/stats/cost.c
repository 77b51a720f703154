#include "stats/cost.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/paying.h"
#include "stats/replicate.h"
#include "stats/variation.h"

static const double tail = (1 - REPLICATE_CONFIDENCE) / 2;

static const double unequal_level = REPLICATE_LEVEL / 10;

enum { WITHIN_LEAST_DF = 2 };

void cost_share_interval(size_t hits, size_t count, double *low, double *high)
{
    *low = hits == 0 ? 0 : distribution_binomial_share(hits, count, tail);
    *high = hits == count ? 1 : distribution_binomial_share(hits + 1, count, 1 - tail);
}

/* --- How often and how much ------------------------------------------------------------------- */

void cost_fill_share(struct study_cost *cost)
{
    size_t seen = cost->paid + cost->not_paid;

    cost->share = cost->share_low = cost->share_high = NAN;
    if (seen == 0)
        return;
    cost->share = (double)cost->paid / (double)seen;
    cost_share_interval(cost->paid, seen, &cost->share_low, &cost->share_high);
}

static void count_visits(const struct study *study, const size_t *member, size_t count,
                         struct study_cost *cost)
{
    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];

        if (visit->left_out)
            continue;
        cost->visits += visit_measured(visit);
        cost->paid += visit->paid_as == VISIT_PAID;
        cost->not_paid += visit->paid_as == VISIT_NOT_PAID;
        cost->unknown += visit->paid_as == VISIT_UNKNOWN;
        cost->weight += visit->weight;
    }
    cost_fill_share(cost);
}

/* What the interval of a cost of the row stands on; all of the row's visits tell its scale. */
static struct variation_used variation_for(const struct study *study, const struct grouping *rows,
                                           size_t row)
{
    const struct variation_row own = variation_of_row(study, &rows->member[rows->begin[row]],
                                                      rows->begin[row + 1] - rows->begin[row]);

    return variation_use(&study->variation, &own);
}

static void measure(const struct study *study, const struct grouping *rows, const size_t *member,
                    size_t count, struct study_cost *cost)
{
    struct variation_used used;
    double sum = 0, client = 0, half;

    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];

        if (!(visit->weight > 0))
            continue;
        sum += visit->weight * visit->replicate.value_s;
        client += visit->weight * visit->replicate.client_s;
    }
    cost->cost_s = sum / cost->weight;
    cost->client_s = client / cost->weight;
    used = variation_for(study, rows, study->visit[member[0]].row);
    cost->error_s = used.deviation_s / sqrt(cost->weight);
    cost->df = used.df;
    cost->varies = used.known;
    half =
        distribution_t_quantile_above((1 - study_confidence(study)) / 2, used.df) * cost->error_s;
    cost->cost_low_s = cost->cost_s - half;
    cost->cost_high_s = cost->cost_s + half;
}

/* Half a visit at least must have paid: less says nothing. */
static struct study_cost cost_of(const struct study *study, const struct grouping *rows,
                                 const size_t *member, size_t count)
{
    struct study_cost cost = {.cost_s = NAN,
                              .cost_low_s = NAN,
                              .cost_high_s = NAN,
                              .error_s = NAN,
                              .df = NAN,
                              .client_s = NAN};

    count_visits(study, member, count, &cost);
    if (cost.weight >= 0.5)
        measure(study, rows, member, count, &cost);
    return cost;
}

static void take_cost(const struct study_cost *cost, struct switch_estimate *estimate)
{
    bool measurable = estimate->verdict != SWITCH_NOT_MEASURABLE;

    estimate->switched = measurable ? cost->paid : 0;
    estimate->not_paid = measurable ? cost->not_paid : 0;
    estimate->unknown = measurable ? cost->unknown : 0;
    if (!measurable || estimate->verdict == SWITCH_NOT_DETECTED || isnan(cost->cost_s))
        return;
    estimate->value_s = cost->cost_s;
    estimate->low_s = cost->cost_low_s;
    estimate->high_s = cost->cost_high_s;
    estimate->standard_error_s = cost->error_s;
    estimate->client_s = cost->client_s;
    if (estimate->verdict != SWITCH_DETECTED)
        return;
    if (!cost->varies)
        estimate->flags |= SWITCH_FLAG_ONE_VISIT;
    estimate->flags &= ~SWITCH_FLAG_OVERSTATED;
    if (estimate->value_s < 2 * estimate->smallest_s)
        estimate->flags |= SWITCH_FLAG_OVERSTATED;
}

void cost_fill(const struct study *study, const struct grouping *rows,
               const struct grouping *grouping, struct study_group *groups)
{
    for (size_t g = 0; g < grouping->groups; g++) {
        groups[g].cost = cost_of(study, rows, &grouping->member[grouping->begin[g]],
                                 grouping->begin[g + 1] - grouping->begin[g]);
        take_cost(&groups[g].cost, &groups[g].estimate);
    }
}

/* --- Loaded again ----------------------------------------------------------------------------- */

/* The longest of the steady requests that were left out, by half a cost and more. */
static void find_reload(struct study *study, const struct study_visit *visit)
{
    struct switch_measurement *measurement = &visit->step->measurement;
    const struct switch_side *side = &measurement->side[measurement->source];
    struct study_group *row = &study->row[visit->row];
    double most_s = side->steady_s + row->cost.cost_s / 2;

    measurement->reloaded = 0;
    for (size_t i = 0; i < side->samples; i++) {
        if (!side->sample[i].left_out || !(side->sample[i].ttft_s >= most_s))
            continue;
        most_s = side->sample[i].ttft_s;
        measurement->reloaded = side->sample[i].request;
    }
    if (measurement->reloaded == 0)
        return;
    visit->step->estimate.flags |= SWITCH_FLAG_RELOADED;
    row->estimate.flags |= SWITCH_FLAG_RELOADED;
}

void cost_find_reloads(struct study *study)
{
    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];

        if (visit_measured(visit) && study->row[visit->row].estimate.verdict == SWITCH_DETECTED)
            find_reload(study, visit);
    }
}

/* --- Whether it depends on what ran before ---------------------------------------------------- */

/* Paid visits to one row after another. */
struct sums {
    const struct row *from;
    double sum, squares, count;
};

/* Of one row: after which rows, and all together. */
struct orders {
    struct sums *after; /* owned */
    size_t rows;
    struct sums all;
};

static struct sums *find_sums(struct orders *orders, const struct row *from)
{
    for (size_t i = 0; i < orders->rows; i++) {
        if (row_compare(orders->after[i].from, from) == 0)
            return &orders->after[i];
    }
    orders->after[orders->rows] = (struct sums){.from = from};
    return &orders->after[orders->rows++];
}

static void add_to(struct sums *sums, double value)
{
    sums->sum += value;
    sums->squares += value * value;
    sums->count++;
}

static struct orders orders_of(const struct study *study, const size_t *member, size_t count)
{
    struct orders orders = {.after = memory_new(count, sizeof *orders.after)};

    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];

        if (visit->weight < 0.5 || !visit->from)
            continue;
        add_to(find_sums(&orders, visit->from), visit->replicate.value_s);
        add_to(&orders.all, visit->replicate.value_s);
    }
    return orders;
}

/* Around their own mean. */
static double squares_within(const struct sums *sums)
{
    return fmax(0, sums->squares - sums->sum * sums->sum / sums->count);
}

/* What costs vary by from one row to another, as a share of their row's mean. */
struct within {
    double squares, df;
};

static void add_within(const struct orders *orders, struct within *within)
{
    double mean = orders->all.sum / orders->all.count;

    for (size_t i = 0; i < orders->rows; i++) {
        within->squares += squares_within(&orders->after[i]) / (mean * mean);
        within->df += orders->after[i].count - 1;
    }
}

static void compare(const struct orders *orders, const struct within *within,
                    struct study_group *group)
{
    double mean = orders->all.sum / orders->all.count, between = squares_within(&orders->all);
    double variance = within->squares / within->df * mean * mean, f;

    group->order_p = NAN;
    if (orders->rows < 2 || within->df < WITHIN_LEAST_DF)
        return;
    f = between / (orders->all.count - 1) / variance;
    if (distribution_f_above(f, orders->all.count - 1, within->df) < unequal_level)
        group->estimate.flags |= SWITCH_FLAG_UNEQUAL_COST;
    for (size_t i = 0; i < orders->rows; i++)
        between -= squares_within(&orders->after[i]);
    f = fmax(0, between) / ((double)orders->rows - 1) / variance;
    group->order_p = distribution_f_above(f, (double)orders->rows - 1, within->df);
}

void cost_compare_orders(struct study *study, const struct grouping *rows)
{
    struct orders *orders = memory_new(rows->groups, sizeof *orders);
    struct within within = {0};

    for (size_t g = 0; g < rows->groups; g++) {
        orders[g] =
            orders_of(study, &rows->member[rows->begin[g]], rows->begin[g + 1] - rows->begin[g]);
        add_within(&orders[g], &within);
    }
    for (size_t g = 0; g < rows->groups; g++) {
        compare(&orders[g], &within, &study->row[g]);
        free(orders[g].after);
    }
    free(orders);
}
