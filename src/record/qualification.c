#include "record/qualification.h"

const char *const qualification_verdict_words[QUALIFICATION_VERDICTS] = {
    [QUALIFICATION_PASS] = "pass",
    [QUALIFICATION_PASS_ONE_RUN] = "pass (one run)",
    [QUALIFICATION_IMPROVED] = "improved",
    [QUALIFICATION_REGRESSED] = "regressed",
    [QUALIFICATION_OVER_LIMIT] = "over its limit",
    [QUALIFICATION_INCONCLUSIVE] = "inconclusive",
    [QUALIFICATION_TOO_FEW] = "too few",
    [QUALIFICATION_INVALID] = "invalid",
    [QUALIFICATION_MISSING] = "missing",
};

bool qualification_passes(enum qualification_verdict verdict)
{
    return verdict == QUALIFICATION_PASS || verdict == QUALIFICATION_PASS_ONE_RUN ||
           verdict == QUALIFICATION_IMPROVED;
}
