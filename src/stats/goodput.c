#include "stats/goodput.h"

#include <math.h>

#include "core/spill.h"

/* A mean gap that is not known keeps its limit where it cannot be longer. */
static double value_of(const struct figures *figures, const struct objective *objective)
{
    double value = figures->value[objective->metric];

    return isnan(value) && objective->metric == METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S
               ? figures->value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S]
               : value;
}

static bool keeps(const struct figures *figures, const struct objective *objective)
{
    double value = value_of(figures, objective);

    if (isnan(value))
        return objective->metric == METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S &&
               figures->value[METRIC_NUMBER_OUTPUT_TOKENS] == 1;
    return metric_table[objective->metric].direction == LOWER_IS_BETTER ? value <= objective->limit
                                                                        : value >= objective->limit;
}

bool goodput_keeps(const struct outcome *outcome, const struct objectives *objectives)
{
    for (size_t i = 0; i < objectives->count; i++) {
        if (!keeps(&outcome->figures, &objectives->one[i]))
            return false;
    }
    return outcome->end == REQUEST_COMPLETED;
}

static double ratio(const struct figures *figures, const struct objective *objective)
{
    double value = value_of(figures, objective);

    if (isnan(value))
        return keeps(figures, objective) ? 0 : INFINITY;
    return metric_table[objective->metric].direction == LOWER_IS_BETTER ? value / objective->limit
                                                                        : objective->limit / value;
}

double goodput_margin(enum request_end end, const struct figures *figures,
                      const struct objectives *objectives, size_t *nearest)
{
    size_t at = objectives->count;
    double most = 0;

    for (size_t i = 0; i < objectives->count && end == REQUEST_COMPLETED; i++) {
        double margin = ratio(figures, &objectives->one[i]);

        if (at == objectives->count || margin > most) {
            at = i;
            most = margin;
        }
    }
    if (nearest)
        *nearest = at;
    return end == REQUEST_COMPLETED ? most : INFINITY;
}

void goodput_count(const struct outcome *outcomes, size_t count,
                   const struct objectives *objectives, struct step *step)
{
    size_t good = 0;

    step->goodput_requests_per_s = step->goodput_share = NAN;
    if (objectives->count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        spill_pass(&outcomes[i], i);
        good += !outcomes[i].retried && goodput_keeps(&outcomes[i], objectives);
    }
    if (step->started > 0)
        step->goodput_share = (double)good / (double)step->started;
    if (step->wall_s > 0)
        step->goodput_requests_per_s = (double)good / step->wall_s;
}
