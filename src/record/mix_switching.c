#include "record/mix_switching.h"

#include <stdlib.h>

const char *const mix_reason_words[MIX_REASONS] = {
    [MIX_MEASURED] = "",
    [MIX_NO_TTFT] = "no TTFT",
    [MIX_FROM_HERE] = "not measurable from here",
    [MIX_TOO_FEW] = "too few calls",
    [MIX_NO_BASELINE] = "no call without a switch",
    [MIX_NOT_LOOKED_AT] = "not looked at",
    [MIX_SHARED] = "endpoint shared",
};

const char *const mix_lack_words[MIX_LACKS] = {
    [MIX_LACKS_NOTHING] = "",
    [MIX_LACKS_STUDY] = "no study is named",
    [MIX_LACKS_MEMORY] = "the study does not tell what stays on the node",
    [MIX_LACKS_ROW] = "the study has no row of a member's model whose switch is known",
    [MIX_LACKS_LATENCY] =
        "the study has no row of a member's lengths, and it is not known what they take",
    [MIX_LACKS_RATE] = "closed loop: calls have no rate of their own",
    [MIX_LACKS_CALLS] = "too few calls",
    [MIX_LACKS_CONTROL] = "before_step loaded or unloaded models",
};

const char *const mix_served_words[] = {"in_order", "grouped", NULL};

void mix_switching_clear(struct mix_switching *switching)
{
    free(switching->member);
    *switching = (struct mix_switching){0};
}
