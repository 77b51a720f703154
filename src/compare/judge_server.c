#include "compare/judge_server.h"

#include <math.h>
#include <string.h>

bool judge_server_measures(const struct measure *measure)
{
    return measure->kind == MEASURE_SERVER;
}

/* By the end of its name: the most that was told at one time. */
static bool is_most(const struct measure *measure)
{
    const char *ending = strrchr(telemetry_name[measure->server].key, '_');

    return strcmp(ending, "_max") == 0;
}

double judge_server_of_run(const struct side_run *run, const struct measure *measure)
{
    const struct side_server *server = &run->server[measure->server];

    if (server->visits == 0)
        return NAN;
    return is_most(measure) ? server->most : server->total / (double)server->visits;
}

double judge_server_value(const struct side *side, const struct side_row *row,
                          const struct measure *measure)
{
    double total = 0, most = NAN, runs = 0;

    for (size_t i = 0; i < side->runs.count; i++) {
        double value = judge_server_of_run(&row->run[i], measure);

        if (row->run[i].visits == 0)
            continue;
        if (isnan(value))
            return NAN;
        total += value;
        most = fmax(most, value);
        runs++;
    }
    return is_most(measure) ? most : total / runs;
}
