#include "job/strike_shared.h"

#include "stats/shared.h"
#include "store/manifest_content.h"

static bool is_shared(const struct step_job *job)
{
    return job->shared_endpoint || manifest_is_marked_shared(job->run->folder);
}

void strike_shared_step(const struct step_job *job, struct step *step)
{
    if (is_shared(job))
        shared_strike_step(step);
}

void strike_shared_mix(const struct step_job *job, struct mix *mix)
{
    if (is_shared(job))
        shared_strike_mix(mix);
}
