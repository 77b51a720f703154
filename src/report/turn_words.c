#include "report/turn_words.h"

#include <math.h>

/* Their places in metric_percent. */
enum { P50 = 2, P95 = 5 };

/* NULL where none had it. */
static const struct metric_summary *summary_of(const struct turn_figures *turn, enum metric metric)
{
    for (int i = 0; i < TURN_METRICS; i++) {
        if (turn_metrics[i] == metric && turn->metric[i].count > 0)
            return &turn->metric[i];
    }
    return NULL;
}

double turn_mean(const struct turn_figures *turn, enum metric metric)
{
    const struct metric_summary *summary = summary_of(turn, metric);

    return summary ? summary->mean : NAN;
}

double turn_p50(const struct turn_figures *turn, enum metric metric)
{
    const struct metric_summary *summary = summary_of(turn, metric);

    return summary ? summary->quantile[P50] : NAN;
}

double turn_p95(const struct turn_figures *turn, enum metric metric)
{
    const struct metric_summary *summary = summary_of(turn, metric);

    return summary ? summary->quantile[P95] : NAN;
}
