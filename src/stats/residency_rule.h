/* What a rule by which configurations stay in memory says of each visit of a study: how likely it
 * pays. That is 0 or 1; NAN where the rule says nothing: of a first visit, or where a time is not
 * known. */
#ifndef STATS_RESIDENCY_RULE_H
#define STATS_RESIDENCY_RULE_H

#include "stats/study.h"

struct residency_rule {
    enum study_rule rule; /* LRU, FIFO or idle expiry */
    bool by_weight;       /* the capacity is in GB, else in configurations */
    double capacity;      /* of LRU and FIFO */
    double expiry_s;      /* what has been idle for longer than this has left */
};

/* Whether nothing is known of the memory before this visit: its run begins, or is resumed after it
 * was cut off. */
bool residency_begins(const struct study *study, size_t visit);

/* Which configurations some visit showed to pay; what others would pay is not known. Free it. */
bool *residency_seen_to_pay(const struct study *study);

/* Follows the rule through all visits and fills the chance that each pays. A first visit since the
 * memory is known loads its configuration, unless it shows itself that it
 * did not, where others to it did. By weight, all
 * weights must be known. */
void residency_rule_follow(const struct study *study, const struct residency_rule *rule,
                           double *chance);

/* How long each visit's configuration had been idle, in seconds: from the last end of a step that
 * used it to this one's begin; NAN where that is not known. */
void residency_idle_s(const struct study *study, double *idle_s);

/* How many visits there were since each visit's configuration was last used, itself among them; NAN
 * where that is not known. */
void residency_visits_since(const struct study *study, double *since);

#endif
