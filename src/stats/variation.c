#include "stats/variation.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/spread.h"

static const double unlike_level = 0.01;

static double square(double x)
{
    return x * x;
}

struct variation_row variation_of_row(const struct study *study, const size_t *member, size_t count)
{
    struct variation_row row = {0};
    double sum = 0, noise = 0;

    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];

        if (!(visit->weight > 0))
            continue;
        row.weight += visit->weight;
        row.noise_df = visit->spread.df;
        sum += visit->weight * visit->replicate.value_s;
        noise += visit->weight * square(visit->replicate.interval_error_s);
    }
    row.mean_s = sum / row.weight;
    row.noise_s = sqrt(noise / row.weight);
    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &study->visit[member[i]];

        if (visit->weight > 0)
            row.squares += visit->weight * square(visit->replicate.value_s / row.mean_s - 1);
    }
    return row;
}

static struct spread_sums sums_of(const struct variation_row *row)
{
    bool varies = row->weight > 1 && row->mean_s > 0;

    return (struct spread_sums){varies ? row->squares : 0, varies ? row->weight - 1 : 0};
}

struct study_variation variation_pool(const struct variation_row *row, size_t rows)
{
    struct study_variation pooled = {.share = NAN};
    struct spread_sums *sums = memory_new(rows, sizeof *sums);
    double squares = 0, noise = 0;
    size_t known = 0;

    for (size_t i = 0; i < rows; i++) {
        struct spread_sums own = sums_of(&row[i]);

        if (!(own.df > 0))
            continue;
        squares += own.squares;
        pooled.df += own.df;
        noise += own.df * square(row[i].noise_s / row[i].mean_s);
        if (own.df >= 1)
            sums[known++] = own;
    }
    if (pooled.df > 0) {
        pooled.share = sqrt(squares / pooled.df);
        pooled.noise_share = sqrt(noise / pooled.df);
        pooled.unequal = spread_unlike_p(sums, known) < unlike_level;
    }
    free(sums);
    return pooled;
}

/* The row's own, where it has enough and rows differ; else the pooled one, with the row's noise in
 * place of the average row's. */
static double share_for(const struct study_variation *variation, const struct variation_row *row,
                        double *df)
{
    struct spread_sums own = sums_of(row);

    *df = variation->df;
    if (variation->unequal && own.df >= VARIATION_OWN_DF) {
        *df = own.df;
        return sqrt(own.squares / own.df);
    }
    return sqrt(fmax(0, square(variation->share) - square(variation->noise_share) +
                            square(row->noise_s / row->mean_s)));
}

struct variation_used variation_use(const struct study_variation *variation,
                                    const struct variation_row *row)
{
    struct variation_used used = {row->noise_s, row->noise_df, false};
    double df, deviation_s;

    if (!(variation->df >= VARIATION_LEAST_DF))
        return used;
    deviation_s = share_for(variation, row, &df) * row->mean_s;
    used.known = true;
    if (deviation_s > used.deviation_s)
        used = (struct variation_used){deviation_s, df, true};
    return used;
}
