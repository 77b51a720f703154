#include "report/pool.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"

const enum metric batch_metrics[SWITCH_SOURCES][BATCH_FIGURES] = {
    [SWITCH_SERVER] = {METRIC_SERVER_TTFT_S, METRIC_SERVER_END_TO_END_LATENCY_S,
                       METRIC_SERVER_OUTPUT_TOKEN_PER_S},
    [SWITCH_CLIENT] = {METRIC_CLIENT_TTFT_S, METRIC_CLIENT_END_TO_END_LATENCY_S,
                       METRIC_CLIENT_OUTPUT_TOKEN_PER_S},
};

static const struct range no_range = {NAN, NAN, NAN};

struct range range_of(double *values, size_t count)
{
    if (count == 0)
        return no_range;
    quantile_sort(values, count);
    return (struct range){quantile_of_sorted(values, count, 0.05),
                          quantile_of_sorted(values, count, 0.5),
                          quantile_of_sorted(values, count, 0.95)};
}

/* --- Visits ----------------------------------------------------------------------------------- */

static void add_visit(struct pool *pool, const struct step *step)
{
    double throughput = step->client_total_output_throughput;

    pool->row = &step->row;
    pool->visits++;
    pool->requests += step->completed;
    if (!isfinite(throughput))
        return;
    pool->throughputs++;
    pool->throughput += (throughput - pool->throughput) / (double)pool->throughputs;
}

void pools_begin(const struct study *study, struct pools *pools)
{
    *pools = (struct pools){0};
    if (!study || study->rows == 0)
        return;
    pools->pool = memory_new(study->rows, sizeof *pools->pool);
    pools->count = study->rows;
    for (size_t i = 0; i < study->visits; i++)
        add_visit(&pools->pool[study->visit[i].row], study->visit[i].step);
}

void pools_add(struct pools *pools, size_t number, double value[SWITCH_SOURCES][BATCH_FIGURES])
{
    if (number >= pools->count || pools->pool[number].visits < 2)
        return;
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++) {
            struct pool_values *values = &pools->pool[number].values[source][figure];

            if (isnan(value[source][figure]))
                continue;
            values->value = memory_grow(values->value, values->count, sizeof *values->value);
            values->value[values->count++] = value[source][figure];
        }
    }
}

/* --- Figures ---------------------------------------------------------------------------------- */

static double percentile(const struct metric_summary *summary, int percent)
{
    int i = 0;

    while (i < METRIC_QUANTILES && metric_percent[i] != percent)
        i++;
    return summary->count > 0 && i < METRIC_QUANTILES ? summary->quantile[i] : NAN;
}

static struct range range_of_summary(const struct metric_summary *summary)
{
    return (struct range){percentile(summary, 5), percentile(summary, 50), percentile(summary, 95)};
}

static void conclude(struct pool *pool, const struct step *only)
{
    if (pool->throughputs == 0)
        pool->throughput = NAN;
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++) {
            struct pool_values *values = &pool->values[source][figure];

            pool->figure[source][figure] =
                only ? range_of_summary(&only->metric[batch_metrics[source][figure]])
                     : range_of(values->value, values->count);
            free(values->value);
            *values = (struct pool_values){0};
        }
    }
}

void pools_conclude(const struct study *study, struct pools *pools)
{
    const struct step **only = memory_new(pools->count, sizeof *only);

    for (size_t i = 0; study && i < study->visits; i++)
        only[study->visit[i].row] = study->visit[i].step;
    for (size_t i = 0; i < pools->count; i++)
        conclude(&pools->pool[i], pools->pool[i].visits == 1 ? only[i] : NULL);
    free(only);
}

void pools_clear(struct pools *pools)
{
    for (size_t i = 0; i < pools->count; i++) {
        for (int source = 0; source < SWITCH_SOURCES; source++) {
            for (int figure = 0; figure < BATCH_FIGURES; figure++)
                free(pools->pool[i].values[source][figure].value);
        }
    }
    free(pools->pool);
    *pools = (struct pools){0};
}
