#include "stats/shared.h"

#include <math.h>

static const struct mix_range not_known = {NAN, NAN, NAN};

void shared_strike_step(struct step *step)
{
    enum switching_verdict verdict = step->switching.verdict;

    step->switching_time_largest_batch_s = NAN;
    if (verdict == SWITCHING_WARMUP || verdict == SWITCHING_MIXED || verdict == SWITCHING_PARALLEL)
        return;
    step->switching = (struct switching){.verdict = SWITCHING_SHARED, .time_s = NAN};
}

static void strike_member(struct mix_member_switching *member)
{
    member->reason = MIX_SHARED;
    member->hit_s = NAN;
    member->by_visit = member->disagrees = member->blurred = false;
    member->difference_s = member->switch_s = member->switch_paid_share = not_known;
    member->switch_s_per_call = member->switch_time_share = not_known;
}

void shared_strike_mix(struct mix *mix)
{
    struct mix_switching *switching = &mix->switching;

    switching->reason = MIX_SHARED;
    switching->switch_paid_share = switching->switch_s_per_call = not_known;
    switching->switch_time_share = switching->switch_wait_s_per_call = not_known;
    for (size_t i = 0; i < switching->members; i++)
        strike_member(&switching->member[i]);
}
