#include "stats/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "stats/cost.h"
#include "stats/distribution.h"
#include "stats/replicate.h"

static struct study_model *find(struct study *study, const struct row *row)
{
    for (size_t i = 0; i < study->models; i++) {
        if (strcmp(study->model[i].name, row->model_name) == 0)
            return &study->model[i];
    }
    study->model = memory_grow(study->model, study->models, sizeof *study->model);
    study->model[study->models] = (struct study_model){
        .name = row->model_name, .weight_gb = NAN, .gb_per_s = NAN, .differ_p = NAN};
    return &study->model[study->models++];
}

/* --- Over its rows ---------------------------------------------------------------------------- */

/* Rows of one model that paid: Σ w, Σ w y, Σ w y², and what their intervals span. */
struct sums {
    double w, y, yy, lowest_s, highest_s, df;
    size_t rows;
};

static void add_row(struct sums *sums, const struct study_cost *cost)
{
    double w = 1 / (cost->error_s * cost->error_s);

    sums->w += w;
    sums->y += w * cost->cost_s;
    sums->yy += w * cost->cost_s * cost->cost_s;
    sums->lowest_s = fmin(sums->lowest_s, cost->cost_low_s);
    sums->highest_s = fmax(sums->highest_s, cost->cost_high_s);
    sums->df = cost->df;
    sums->rows++;
}

static struct sums sum_rows(const struct study *study, const char *model)
{
    struct sums sums = {.lowest_s = INFINITY, .highest_s = -INFINITY};

    for (size_t i = 0; i < study->rows; i++) {
        const struct study_cost *cost = &study->row[i].cost;

        if (strcmp(study->row[i].to->model_name, model) == 0 && cost->paid > 0 && cost->error_s > 0)
            add_row(&sums, cost);
    }
    return sums;
}

static void conclude_cost(const struct sums *sums, struct study_model *model)
{
    struct study_cost *cost = &model->cost;
    double mean = sums->y / sums->w, t, apart;

    if (sums->rows == 0)
        return;
    t = distribution_t_quantile_above((1 - REPLICATE_CONFIDENCE) / 2, sums->df);
    cost->cost_s = mean;
    cost->cost_low_s = mean - t / sqrt(sums->w);
    cost->cost_high_s = mean + t / sqrt(sums->w);
    if (sums->rows < 2)
        return;
    apart = fmax(sums->yy - sums->y * mean, 0);
    model->differ_p = distribution_chi_square_above(apart, (double)sums->rows - 1);
    if (model->differ_p <= REPLICATE_LEVEL) {
        cost->cost_low_s = sums->lowest_s;
        cost->cost_high_s = sums->highest_s;
    }
}

/* Of what its weights took, less the overhead of each load where that is known. */
static void conclude_speed(const struct study_loading *loading, struct study_model *model)
{
    double overhead_s = loading->rows > 0 ? loading->overhead_s : 0;

    if (model->weight_gb > 0 && model->cost.cost_s > overhead_s)
        model->gb_per_s = model->weight_gb / (model->cost.cost_s - overhead_s);
}

static void conclude(const struct study *study, struct study_model *model)
{
    const struct sums sums = sum_rows(study, model->name);
    struct study_cost *cost = &model->cost;

    cost->cost_s = cost->cost_low_s = cost->cost_high_s = NAN;
    cost_fill_share(cost);
    conclude_cost(&sums, model);
    conclude_speed(&study->loading, model);
}

void model_sum_up(struct study *study)
{
    for (size_t i = 0; i < study->rows; i++) {
        struct study_model *model = find(study, study->row[i].to);

        model->rows++;
        model->cost.visits += study->row[i].cost.visits;
        model->cost.paid += study->row[i].cost.paid;
        model->cost.not_paid += study->row[i].cost.not_paid;
        model->cost.unknown += study->row[i].cost.unknown;
        model->weight_gb = study->row[i].step->weight_gb;
    }
    for (size_t i = 0; i < study->models; i++)
        conclude(study, &study->model[i]);
}
