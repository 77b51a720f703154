#include "stats/paying.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/family.h"
#include "stats/steady.h"
#include "stats/variation.h"

enum { ROUNDS = 4, STEPS = 30 };

/* How much a cost varies, where nothing is known of that yet; of a visit's slow request, by as much
 * of a TTFT, where none was seen; and how many visits' weight the study's own share has in a row's.
 */
static const double variation_guess = 0.2, slow_guess = 0.5, share_weight = 2;

static const double surely = 0.9;

bool paying_counts(const struct study_visit *visit)
{
    return visit_measured(visit) && !visit->left_out;
}

/* --- Two ways to come to a value -------------------------------------------------------------- */

static double normal(double off, double deviation)
{
    return exp(-off * off / (2 * deviation * deviation)) / (deviation * sqrt(2 * M_PI));
}

/* The density of a slow request's excess: Lomax, with one more that nobody saw. */
static double slow_density(const struct study_steady *steady, double excess_s, double steady_s)
{
    double n = (double)steady->slow + 1;
    double sum_s = (slow_guess + steady_excess_sum(steady)) * steady_s;

    return excess_s > 0 ? n / sum_s * pow(1 + excess_s / sum_s, -n - 1) : 0;
}

struct densities {
    double paid, not_paid;
};

static struct densities densities_of(const struct study *study, const struct study_visit *visit,
                                     double cost_s, double deviation_s)
{
    const struct study_steady *steady = &study->steady[visit->step->measurement.source];
    const struct replicate *one = &visit->replicate;
    double excess_s = one->value_s + steady->slow_excess * one->steady_s;

    /* what took longer than the cost is no less likely to have paid */
    return (struct densities){
        .paid = normal(fmin(one->value_s - cost_s, 0), hypot(one->interval_error_s, deviation_s)),
        .not_paid = (1 - steady->slow_share) *
                        normal(excess_s, hypot(one->error_s, REPLICATE_NO_LOAD_S / 2)) +
                    steady->slow_share * slow_density(steady, excess_s, one->steady_s),
    };
}

/* With these odds beforehand; a value so far from both that neither density is left is as near to
 * what it lies on the side of. */
static double probability(struct densities densities, double share, bool above)
{
    double paid = share * densities.paid, all = paid + (1 - share) * densities.not_paid;

    return all > 0 ? paid / all : above;
}

/* --- A row ------------------------------------------------------------------------------------ */

/* A row while it is being worked out. */
struct payer {
    const size_t *member;
    size_t count, counted; /* visits; those that count */
    bool found;
    double cost_s, share;
};

static double weight_of(const struct study *study, const struct payer *row)
{
    double weight = 0;

    for (size_t i = 0; i < row->count; i++)
        weight += study->visit[row->member[i]].weight;
    return weight;
}

/* To begin with, those that stand out paid; the likeliest did where none does. */
static void guess(struct study *study, const struct payer *row)
{
    struct study_visit *likeliest = NULL;

    for (size_t i = 0; i < row->count; i++) {
        struct study_visit *visit = &study->visit[row->member[i]];

        if (!paying_counts(visit))
            continue;
        visit->weight = visit->replicate.p <= 0.05;
        if (!likeliest || visit->replicate.p < likeliest->replicate.p)
            likeliest = visit;
    }
    if (likeliest)
        likeliest->weight = 1;
}

static void update_cost(const struct study *study, struct payer *row)
{
    double sum = 0;

    for (size_t i = 0; i < row->count; i++) {
        const struct study_visit *visit = &study->visit[row->member[i]];

        sum += visit->weight > 0 ? visit->weight * visit->replicate.value_s : 0;
    }
    row->cost_s = sum / weight_of(study, row);
}

static double deviation_of(const struct study *study, const struct payer *row)
{
    const struct study_variation *variation = &study->variation;
    double share = variation->df >= VARIATION_LEAST_DF ? variation->share : variation_guess;

    return share * row->cost_s;
}

static void update_weights(struct study *study, const struct payer *row)
{
    for (size_t i = 0; i < row->count; i++) {
        struct study_visit *visit = &study->visit[row->member[i]];
        struct densities densities;

        if (!paying_counts(visit))
            continue;
        densities = densities_of(study, visit, row->cost_s, deviation_of(study, row));
        visit->weight = probability(densities, row->share, visit->replicate.value_s > 0);
    }
}

static void work_out(struct study *study, struct payer *row, double study_share)
{
    for (int step = 0; step < STEPS; step++) {
        update_cost(study, row);
        if (!(row->cost_s > 0))
            return;
        row->share = (weight_of(study, row) + share_weight * study_share) /
                     ((double)row->counted + share_weight);
        update_weights(study, row);
    }
    update_cost(study, row);
}

/* --- Labels ----------------------------------------------------------------------------------- */

/* Where a switch was found, by even odds. */
static void label_found(const struct study *study, const struct payer *row,
                        struct study_visit *visit)
{
    struct densities densities = densities_of(study, visit, row->cost_s, deviation_of(study, row));

    visit->paid_probability = probability(densities, 0.5, visit->replicate.value_s > 0);
    if (visit->paid_probability >= surely)
        visit->paid_as = VISIT_PAID;
    else if (visit->paid_probability <= 1 - surely)
        visit->paid_as = VISIT_NOT_PAID;
}

/* Where none was: whether this visit would have shown one that matters. */
static void label_none(const struct switch_estimate *estimate, struct study_visit *visit)
{
    double seen_s =
        replicate_seen_s(visit->replicate.error_s *
                             (distribution_t_quantile_above(REPLICATE_LEVEL, visit->spread.df) +
                              distribution_t_quantile_above(1 - REPLICATE_POWER, visit->spread.df)),
                         visit->replicate.steady_s);
    bool outstanding = visit->replicate.p <= REPLICATE_LEVEL;

    if (estimate->verdict != SWITCH_NOT_DETECTED && outstanding)
        return;
    if (seen_s > family_matters_s(visit->replicate.steady_s))
        return;
    visit->paid_as = VISIT_NOT_PAID;
    visit->paid_probability = 0;
}

static void label(struct study *study, const struct payer *row,
                  const struct switch_estimate *estimate)
{
    for (size_t i = 0; i < row->count; i++) {
        struct study_visit *visit = &study->visit[row->member[i]];

        visit->paid_as = VISIT_UNKNOWN;
        visit->paid_probability = NAN;
        if (visit_measured(visit) && row->found)
            label_found(study, row, visit);
        else if (visit_measured(visit))
            label_none(estimate, visit);
    }
}

/* --- All rows --------------------------------------------------------------------------------- */

static double share_of_study(const struct study *study, const struct payer *row)
{
    double weight = 0.5, counted = 1;

    for (size_t g = 0; g < study->rows; g++) {
        weight += row[g].found ? weight_of(study, &row[g]) : 0;
        counted += row[g].found ? (double)row[g].counted : 0;
    }
    return weight / counted;
}

static void pool(struct study *study, const struct payer *row)
{
    struct variation_row *varies = memory_new(study->rows, sizeof *varies);

    for (size_t g = 0; g < study->rows; g++)
        varies[g] = variation_of_row(study, row[g].member, row[g].count);
    study->variation = variation_pool(varies, study->rows);
    free(varies);
}

static struct payer row_of(struct study *study, const struct grouping *rows, size_t g)
{
    struct payer row = {.member = &rows->member[rows->begin[g]],
                        .count = rows->begin[g + 1] - rows->begin[g],
                        .found = study->row[g].estimate.verdict == SWITCH_DETECTED};

    for (size_t i = 0; i < row.count; i++) {
        struct study_visit *visit = &study->visit[row.member[i]];

        visit->weight = 0;
        row.counted += paying_counts(visit);
    }
    if (row.found)
        guess(study, &row);
    return row;
}

void paying_find(struct study *study, const struct grouping *rows)
{
    struct payer *row = memory_new(study->rows, sizeof *row);

    for (size_t g = 0; g < study->rows; g++)
        row[g] = row_of(study, rows, g);
    study->variation = (struct study_variation){.share = NAN};
    for (int round = 0; round < ROUNDS; round++) {
        double share = share_of_study(study, row);

        for (size_t g = 0; g < study->rows; g++) {
            if (row[g].found)
                work_out(study, &row[g], share);
        }
        pool(study, row);
    }
    for (size_t g = 0; g < study->rows; g++)
        label(study, &row[g], &study->row[g].estimate);
    free(row);
}
