#include "design/resolution.h"

#include <math.h>

#include "plan/probe.h"
#include "store/results.h"

bool resolution_unknown(const struct row *row, const struct settings *settings)
{
    return row->concurrent_requests == 0 && settings->probe.steady == 0;
}

double resolution_steady(const struct row *row, const struct settings *settings)
{
    double wave = (double)probe_burst(row);
    double requests =
        fmin((double)(row->warmup_requests + row_counted_most(row)), (double)results_look_at(row));

    if (settings->probe.steady > 0)
        return (double)probe_bursts(row, settings) - 1;
    return resolution_unknown(row, settings) ? 0 : ceil(requests / wave) - 1;
}
