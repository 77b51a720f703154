#include "command/foresight.h"

#include <math.h>

#include "plan/probe.h"
#include "store/results.h"

bool foresight_unknown(const struct row *row, const struct settings *settings)
{
    return row->concurrent_requests == 0 && settings->probe.steady == 0;
}

double foresight_steady(const struct row *row, const struct settings *settings)
{
    double wave = (double)probe_burst(row);
    double requests = fmin((double)row->num_requests, (double)results_look_at(row));

    if (settings->probe.steady > 0)
        return (double)probe_bursts(row, settings) - 1;
    return foresight_unknown(row, settings) ? 0 : ceil(requests / wave) - 1;
}
