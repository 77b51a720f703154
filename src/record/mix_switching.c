#include "record/mix_switching.h"

const char *const mix_reason_words[MIX_REASONS] = {
    [MIX_MEASURED] = "",
    [MIX_NO_TTFT] = "no TTFT",
    [MIX_FROM_HERE] = "not measurable from here",
    [MIX_TOO_FEW] = "too few calls",
    [MIX_NO_BASELINE] = "no call without a switch",
};
