#include "record/switch.h"

#include <stdlib.h>

const char *const switch_source_words[] = {"server", "client", NULL};

const char *const switch_method_words[] = {"load", "probe", "bursts", NULL};

const char *const switch_reason_words[SWITCH_REASONS] = {
    [SWITCH_MEASURABLE] = "",
    [SWITCH_WARMUP] = "warm-up",
    [SWITCH_PARALLEL] = "rows in parallel",
    [SWITCH_NOTHING_SENT] = "nothing was sent",
    [SWITCH_FIRST_FAILED] = "first request failed",
    [SWITCH_RETRIED] = "first request was retried",
    [SWITCH_STARTED_OVER] = "started over",
    [SWITCH_ONE_REQUEST] = "one request only",
    [SWITCH_ALL_EXPOSED] = "requests = concurrency",
    [SWITCH_STEADY_FAILED] = "no steady request completed",
    [SWITCH_OTHER_BATCHES] = "no steady batch of the exposed size",
    [SWITCH_CACHED_PROMPT] = "cached prompt",
    [SWITCH_NO_TTFT] = "no TTFT",
    [SWITCH_QUEUED] = "steady requests queue",
    [SWITCH_OTHER_CLOCK] = "not by the row's clock",
    [SWITCH_UNREAD] = "requests cannot be read",
    [SWITCH_NO_SPREAD] = "too few steady requests",
    [SWITCH_CUT_SHORT] = "step before was cut short",
    [SWITCH_SPREAD] = "spread over addresses",
    [SWITCH_MIXED] = "mixed",
    [SWITCH_SHARED] = "endpoint shared",
};

const char *const switch_flag_words[SWITCH_FLAGS] = {
    "queue_contaminated", "new_connection",      "prompt_lengths_differ",
    "mixed_batch_sizes",  "sources_disagree",    "switch_inside",
    "after_cut_short",    "predecessor_unknown", "unequal_spread",
    "rule_disagrees",     "exposed_failed",      "few_visits",
    "unequal_cost",       "slow_requests",       "one_visit",
    "likely_overstated",  "by_content",          "reloaded",
    "length_taken_out",   "other_batch_size",    "exposed_faster",
    "before_step_failed",
};

const char *const switch_verdict_words[] = {"detected", "not detected", "inconclusive",
                                            "not measurable", NULL};

static void clear(struct switch_side *side)
{
    free(side->sample);
    side->sample = NULL;
}

void switch_measurement_clear(struct switch_measurement *measurement)
{
    for (int source = 0; source < SWITCH_SOURCES; source++)
        clear(&measurement->side[source]);
    clear(&measurement->content);
    for (size_t i = 0; i < measurement->insides; i++)
        clear(&measurement->inside[i].side);
}
