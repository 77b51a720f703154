#include "stats/study_node.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"

enum { END_TO_END_P50 = 2 };

/* --- What a call takes ------------------------------------------------------------------------ */

/* The median over the row's visits of what a request takes at the median. */
static double latency_s(const struct study *study, size_t row, enum metric latency)
{
    double *values = memory_new(study->visits, sizeof *values), median = NAN;
    size_t count = 0;

    for (size_t i = 0; i < study->visits; i++) {
        const struct metric_summary *metric = &study->visit[i].step->metric[latency];

        if (study->visit[i].row == row && metric->count > 0)
            values[count++] = metric->quantile[END_TO_END_P50];
    }
    quantile_sort(values, count);
    if (count > 0)
        median = quantile_of_sorted(values, count, 0.5);
    free(values);
    return median;
}

double study_node_client_s(const struct study *study, size_t row)
{
    return latency_s(study, row, METRIC_CLIENT_END_TO_END_LATENCY_S);
}

double study_node_server_s(const struct study *study, size_t row)
{
    double server_s = latency_s(study, row, METRIC_SERVER_END_TO_END_LATENCY_S);

    return server_s > 0 ? server_s : study_node_client_s(study, row);
}

/* --- What is loaded --------------------------------------------------------------------------- */

static double capacity_of(const struct study_residency *residency)
{
    if (residency->rule == RESIDENCY_IDLE_EXPIRY)
        return INFINITY;
    if (residency->by_weight)
        return isinf(residency->gb_high) ? INFINITY : (residency->gb_low + residency->gb_high) / 2;
    return residency->capacity == residency->units ? INFINITY : (double)residency->capacity;
}

/* A row that never paid may have come after another that loads the same. */
static void take_row(const struct study *study, size_t row, struct queue_configuration *loadable)
{
    const struct switch_estimate *estimate = &study->row[row].estimate;
    const struct step *step = study->row[row].step;
    double most = step->representative_batch_size;

    loadable->weight = study->residency.by_weight ? step->weight_gb : 1;
    if (loadable->batch_most == 0 || most > (double)loadable->batch_most)
        loadable->batch_most = most >= 1 ? (size_t)most : 1;
    if (estimate->verdict == SWITCH_DETECTED)
        loadable->switch_s = fmax(loadable->switch_s, estimate->value_s);
}

bool study_node_make(const struct study *study, struct study_node *made)
{
    const struct study_residency *residency = &study->residency;
    bool expires = residency->rule == RESIDENCY_IDLE_EXPIRY;

    *made =
        (struct study_node){.loadable = memory_new(residency->units, sizeof *made->loadable),
                            .configuration = memory_new(study->rows, sizeof *made->configuration)};
    made->node = (struct queue_node){.configuration = made->loadable,
                                     .configurations = residency->units,
                                     .capacity = capacity_of(residency),
                                     .lru = residency->rule == RESIDENCY_LRU,
                                     .expiry_s = expires ? residency->expiry_s : INFINITY};
    if (residency->rule != RESIDENCY_LRU && residency->rule != RESIDENCY_FIFO && !expires)
        return false;
    for (size_t i = 0; i < study->visits; i++)
        made->configuration[study->visit[i].row] = study->visit[i].configuration;
    for (size_t i = 0; i < study->rows; i++)
        take_row(study, i, &made->loadable[made->configuration[i]]);
    return true;
}

void study_node_clear(struct study_node *made)
{
    free(made->loadable);
    free(made->configuration);
    *made = (struct study_node){0};
}

bool study_node_knows(const struct study *study, const struct study_node *made, size_t row)
{
    enum switch_verdict verdict = study->row[row].estimate.verdict;

    return made->loadable[made->configuration[row]].weight > 0 &&
           (verdict == SWITCH_DETECTED || verdict == SWITCH_NOT_DETECTED);
}
