#include "report/exposed.h"

#include "stats/waves.h"

struct exposed exposed_begin(const struct step *step, enum step_part part)
{
    bool by_load = step->measurement.method == SWITCH_FROM_LOAD;

    return (struct exposed){.over =
                                step->measurement.exposed == 0 || by_load != (part == STEP_LOAD),
                            .completed_ns = INT64_MAX};
}

void exposed_note_warmup(struct exposed *exposed, const struct outcome *outcome)
{
    if (outcome->end == REQUEST_COMPLETED && outcome->done_ns < exposed->completed_ns)
        exposed->completed_ns = outcome->done_ns;
}

bool exposed_next(struct exposed *exposed, const struct outcome *outcome)
{
    if (exposed->over || outcome->end != REQUEST_COMPLETED)
        return false;
    exposed->over = outcome->probe_burst > 0 ? outcome->probe_burst > 1
                                             : waves_sent_ns(outcome) >= exposed->completed_ns;
    if (outcome->done_ns < exposed->completed_ns)
        exposed->completed_ns = outcome->done_ns;
    return !exposed->over;
}
