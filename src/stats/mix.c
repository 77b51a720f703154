#include "stats/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/followed.h"
#include "stats/quantile.h"

enum { CALLS = 200000, SETTLING = 1000, END_TO_END_P50 = 2 };

/* What the node holds or does not: a configuration, which several rows may load. */
struct loadable {
    double cost_s, weight;
};

/* A row as the mix calls it. */
struct called {
    double share, service_s;
    size_t configuration;
};

/* What is called, and what holds it. */
struct calling {
    struct called *called;
    struct loadable *loadable;
    size_t rows;
    struct followed memory;
};

static double service_s(const struct study *study, size_t row)
{
    double *values = memory_new(study->visits, sizeof *values), median = NAN;
    size_t count = 0;

    for (size_t i = 0; i < study->visits; i++) {
        const struct metric_summary *metric =
            &study->visit[i].step->metric[METRIC_CLIENT_END_TO_END_LATENCY_S];

        if (study->visit[i].row == row && metric->count > 0)
            values[count++] = metric->quantile[END_TO_END_P50];
    }
    quantile_sort(values, count);
    if (count > 0)
        median = quantile_of_sorted(values, count, 0.5);
    free(values);
    return median;
}

static double rows_of_model(const struct study *study, size_t row)
{
    double rows = 0;

    for (size_t i = 0; i < study->rows; i++)
        rows += strcmp(study->row[i].to->model_name, study->row[row].to->model_name) == 0;
    return rows;
}

/* False where something of the row is not known. A row that never paid may have come after another
 * that loads the same. */
static bool describe(const struct study *study, size_t row, struct calling *calling)
{
    struct called *called = &calling->called[row];
    struct loadable *loadable = &calling->loadable[called->configuration];
    const struct switch_estimate *estimate = &study->row[row].estimate;
    const struct step *step = study->row[row].step;

    called->share = step->call_share / rows_of_model(study, row);
    called->service_s = service_s(study, row);
    loadable->weight = study->residency.by_weight ? step->weight_gb : 1;
    if (estimate->verdict == SWITCH_DETECTED)
        loadable->cost_s = fmax(loadable->cost_s, estimate->value_s);
    return called->share >= 0 && called->service_s > 0 && loadable->weight > 0 &&
           (estimate->verdict == SWITCH_DETECTED || estimate->verdict == SWITCH_NOT_DETECTED);
}

static struct called *draw(struct calling *calling, double all, struct random *random)
{
    double at = random_unit(random) * all;
    size_t i = 0;

    while (i + 1 < calling->rows && at >= calling->called[i].share)
        at -= calling->called[i++].share;
    return &calling->called[i];
}

static void follow(struct calling *calling, struct study_mix *mix)
{
    const uint64_t key[] = {0x6d6978};
    double extra_s = 0, busy_s = 0, all = 0;
    struct random random;
    size_t paid = 0;

    random_init(&random, key, 1);
    for (size_t i = 0; i < calling->rows; i++)
        all += calling->called[i].share;
    for (size_t i = 0; i < CALLS + SETTLING && all > 0; i++) {
        const struct called *row = draw(calling, all, &random);
        const struct loadable *loadable = &calling->loadable[row->configuration];
        bool pays = followed_visit(&calling->memory, row->configuration, loadable->weight);

        if (i < SETTLING)
            continue;
        paid += pays;
        extra_s += pays ? loadable->cost_s : 0;
        busy_s += row->service_s;
    }
    if (!(busy_s > 0))
        return;
    mix->calls = CALLS;
    mix->paid_share = (double)paid / CALLS;
    mix->extra_s = extra_s / CALLS;
    mix->service_s = busy_s / CALLS;
    mix->time_share = extra_s / (extra_s + busy_s);
}

double mix_calls_in_a_row(const struct study_mix *mix, double share)
{
    return fmax(1, ceil(mix->extra_s * (1 - share) / (share * mix->service_s)));
}

static double capacity_of(const struct study_residency *residency)
{
    if (residency->by_weight)
        return isinf(residency->gb_high) ? INFINITY : (residency->gb_low + residency->gb_high) / 2;
    return residency->capacity == residency->units ? INFINITY : (double)residency->capacity;
}

static struct calling calling_make(const struct study *study)
{
    const struct study_residency *residency = &study->residency;
    struct calling calling = {.called = memory_new(study->rows, sizeof *calling.called),
                              .loadable = memory_new(residency->units, sizeof *calling.loadable),
                              .rows = study->rows,
                              .memory = followed_make(residency->units, capacity_of(residency),
                                                      residency->rule == RESIDENCY_LRU)};

    for (size_t i = 0; i < study->visits; i++)
        calling.called[study->visit[i].row].configuration = study->visit[i].configuration;
    return calling;
}

static void calling_clear(struct calling *calling)
{
    free(calling->called);
    free(calling->loadable);
    followed_clear(&calling->memory);
}

void mix_fit(struct study *study)
{
    enum study_rule rule = study->residency.rule;
    bool known = rule == RESIDENCY_LRU || rule == RESIDENCY_FIFO;
    struct calling calling;

    study->mix = (struct study_mix){0};
    if (!known)
        return;
    calling = calling_make(study);
    for (size_t i = 0; i < study->rows && known; i++)
        known = describe(study, i, &calling);
    if (known)
        follow(&calling, &study->mix);
    calling_clear(&calling);
}
