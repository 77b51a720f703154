#include "stats/loading.h"

#include <math.h>

#include "stats/distribution.h"
#include "stats/replicate.h"

/* Weighted sums over the rows of known weight and cost. */
struct sums {
    double w, x, y, xx, xy;
    size_t rows;
};

static void add(struct sums *sums, double weight_gb, const struct study_cost *cost)
{
    double w = 1 / (cost->error_s * cost->error_s);

    sums->w += w;
    sums->x += w * weight_gb;
    sums->y += w * cost->cost_s;
    sums->xx += w * weight_gb * weight_gb;
    sums->xy += w * weight_gb * cost->cost_s;
    sums->rows++;
}

static struct study_loading solve(const struct sums *sums, double df)
{
    double determinant = sums->w * sums->xx - sums->x * sums->x;
    double slope = (sums->w * sums->xy - sums->x * sums->y) / determinant;
    double error = sqrt(sums->w / determinant);
    double t = distribution_t_quantile_above((1 - REPLICATE_CONFIDENCE) / 2, df);

    return (struct study_loading){
        .rows = sums->rows,
        .overhead_s = (sums->y - slope * sums->x) / sums->w,
        .overhead_error_s = t * sqrt(sums->xx / determinant),
        .gb_per_s = 1 / slope,
        .gb_per_s_low = 1 / (slope + t * error),
        .gb_per_s_high = slope > t * error ? 1 / (slope - t * error) : INFINITY,
    };
}

void loading_fit(struct study *study)
{
    struct sums sums = {0};
    double df = NAN, first_gb = NAN;
    bool unlike = false;

    study->loading = (struct study_loading){0};
    for (size_t row = 0; row < study->rows; row++) {
        const struct study_cost *cost = &study->row[row].cost;
        double weight_gb = study->row[row].step->weight_gb;

        if (cost->paid == 0 || !(weight_gb > 0) || !(cost->error_s > 0))
            continue;
        add(&sums, weight_gb, cost);
        unlike |= sums.rows > 1 && weight_gb != first_gb;
        first_gb = sums.rows == 1 ? weight_gb : first_gb;
        df = cost->df;
    }
    if (unlike)
        study->loading = solve(&sums, df);
}
