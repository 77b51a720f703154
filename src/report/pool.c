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
    pool->visit = step;
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
    pools->count = pools->mixed = study->rows;
    for (size_t i = 0; i < study->visits; i++)
        add_visit(&pools->pool[study->visit[i].row], study->visit[i].step);
}

static int by_row(const void *a, const void *b)
{
    const struct step *x = *(const struct step *const *)a;
    const struct step *y = *(const struct step *const *)b;

    return row_compare(&x->row, &y->row);
}

/* Visits to rows of mixes, those to one row beside each other; for the caller to free. */
static const struct step **sort_mixed(const struct results *run, size_t runs, size_t *count)
{
    const struct step **sorted;
    size_t most = 0;

    for (size_t i = 0; i < runs; i++)
        most += run[i].count;
    sorted = memory_new(most, sizeof *sorted);
    *count = 0;
    for (size_t i = 0; i < runs; i++) {
        for (size_t k = 0; k < run[i].count; k++) {
            if (run[i].step[k].row.mix)
                sorted[(*count)++] = &run[i].step[k];
        }
    }
    if (*count > 0)
        qsort(sorted, *count, sizeof *sorted, by_row);
    return sorted;
}

void pools_begin_mixed(struct pools *pools, const struct results *run, size_t runs)
{
    size_t count;
    const struct step **sorted = sort_mixed(run, runs, &count);

    if (count > 0)
        pools->pool = memory_resize(pools->pool, pools->count + count, sizeof *pools->pool);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || by_row(&sorted[i - 1], &sorted[i]) != 0)
            pools->pool[pools->count++] = (struct pool){0};
        add_visit(&pools->pool[pools->count - 1], sorted[i]);
    }
    free(sorted);
}

static int by_pools_row(const void *key, const void *member)
{
    return row_compare(key, ((const struct pool *)member)->row);
}

size_t pools_find_mixed(const struct pools *pools, const struct row *row)
{
    size_t count = pools->count - pools->mixed;
    const struct pool *found =
        count > 0 ? bsearch(row, pools->pool + pools->mixed, count, sizeof *found, by_pools_row)
                  : NULL;

    return found ? (size_t)(found - pools->pool) : SIZE_MAX;
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

void pools_conclude(struct pools *pools)
{
    for (size_t i = 0; i < pools->count; i++)
        conclude(&pools->pool[i], pools->pool[i].visits == 1 ? pools->pool[i].visit : NULL);
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
