#include "plan/probe.h"

int64_t probe_burst(const struct row *row)
{
    return row->concurrent_requests > 0 ? row->concurrent_requests : 1;
}

int64_t probe_bursts(const struct row *row, const struct settings *settings)
{
    int64_t burst = probe_burst(row), steady = settings->probe.steady;
    int64_t more = (steady + burst - 1) / burst;

    if (steady == 0 || row->warmup)
        return 0;
    return 1 + (burst > 1 && more < 2 ? 2 : more);
}

int64_t probe_requests(const struct row *row, const struct settings *settings)
{
    return probe_burst(row) * probe_bursts(row, settings);
}

struct row probe_row(const struct row *row, const struct settings *settings)
{
    struct row probe = *row;

    probe.concurrent_requests = probe_burst(row);
    probe.num_requests = probe_burst(row) > 1 ? probe_burst(row) : probe_requests(row, settings);
    probe.duration_s = 0;
    probe.turns = probe.turn_input_tokens = 0;
    probe.think_time_s = 0;
    probe.warmup_requests = probe.cooldown_requests = 0;
    row_forget_pacing(&probe);
    probe.output_tokens = settings->probe.output_tokens;
    probe.stddev_input_tokens = probe.stddev_output_tokens = 0;
    return probe;
}
