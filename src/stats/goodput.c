#include "stats/goodput.h"

#include <math.h>

static bool keeps(const struct figures *figures, const struct objective *objective)
{
    double value = figures->value[objective->metric];

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

void goodput_count(const struct outcome *outcomes, size_t count,
                   const struct objectives *objectives, struct step *step)
{
    size_t good = 0;

    step->goodput_requests_per_s = step->goodput_share = NAN;
    if (objectives->count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        good += !outcomes[i].retried && goodput_keeps(&outcomes[i], objectives);
    if (step->started > 0)
        step->goodput_share = (double)good / (double)step->started;
    if (step->wall_s > 0)
        step->goodput_requests_per_s = (double)good / step->wall_s;
}
