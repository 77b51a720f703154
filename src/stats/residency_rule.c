#include "stats/residency_rule.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/followed.h"

bool residency_begins(const struct study *study, size_t visit)
{
    return visit == 0 || study->visit[visit - 1].run != study->visit[visit].run ||
           study->visit[visit].step->predecessor < 0;
}

bool *residency_seen_to_pay(const struct study *study)
{
    bool *seen = memory_new(study->configurations, sizeof *seen);

    for (size_t i = 0; i < study->visits; i++)
        seen[study->visit[i].configuration] |= study->visit[i].paid_as == VISIT_PAID;
    return seen;
}

/* Visits with what is known of each configuration when they begin. */
struct replay {
    const struct study *study;
    size_t *seen_in; /* the last part of a run that a configuration was visited in, from 1 */
    size_t part;
};

/* Whether the configuration was visited before, since the memory is known; notes the visit. */
static bool seen(struct replay *replay, size_t visit)
{
    size_t configuration = replay->study->visit[visit].configuration;
    bool before;

    replay->part += residency_begins(replay->study, visit);
    before = replay->seen_in[configuration] == replay->part;
    replay->seen_in[configuration] = replay->part;
    return before;
}

static struct replay replay_begin(const struct study *study)
{
    return (struct replay){.study = study,
                           .seen_in = memory_new(study->configurations, sizeof(size_t))};
}

void residency_idle_s(const struct study *study, double *idle_s)
{
    struct replay replay = replay_begin(study);
    int64_t *end_ns = memory_new(study->configurations, sizeof *end_ns);

    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];
        const struct switch_measurement *measurement = &visit->step->measurement;
        bool known =
            seen(&replay, i) && measurement->begin_ns > 0 && end_ns[visit->configuration] > 0;

        idle_s[i] =
            known ? (double)(measurement->begin_ns - end_ns[visit->configuration]) / 1e9 : NAN;
        end_ns[visit->configuration] = measurement->end_ns;
    }
    free(end_ns);
    free(replay.seen_in);
}

void residency_visits_since(const struct study *study, double *since)
{
    struct replay replay = replay_begin(study);
    size_t *last = memory_new(study->configurations, sizeof *last);

    for (size_t i = 0; i < study->visits; i++) {
        since[i] = seen(&replay, i) ? (double)(i - last[study->visit[i].configuration]) : NAN;
        last[study->visit[i].configuration] = i;
    }
    free(last);
    free(replay.seen_in);
}

static void follow_idle(const struct study *study, double expiry_s, double *chance)
{
    residency_idle_s(study, chance);
    for (size_t i = 0; i < study->visits; i++) {
        if (!isnan(chance[i]))
            chance[i] = chance[i] > expiry_s;
    }
}

static void follow_memory(const struct study *study, const struct residency_rule *rule,
                          double *chance)
{
    struct replay replay = replay_begin(study);
    struct followed memory =
        followed_make(study->configurations, rule->capacity, rule->rule == RESIDENCY_LRU);
    bool *pay = residency_seen_to_pay(study);

    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];
        double weight = rule->by_weight ? visit->step->weight_gb : 1;
        bool revisit, pays;

        if (residency_begins(study, i))
            followed_empty(&memory);
        revisit = seen(&replay, i);
        if (!revisit && visit->paid_as == VISIT_NOT_PAID && pay[visit->configuration])
            followed_found(&memory, visit->configuration, weight);
        pays = followed_visit(&memory, visit->configuration, weight);
        chance[i] = revisit ? pays : NAN;
    }
    followed_clear(&memory);
    free(pay);
    free(replay.seen_in);
}

void residency_rule_follow(const struct study *study, const struct residency_rule *rule,
                           double *chance)
{
    if (rule->rule == RESIDENCY_IDLE_EXPIRY)
        follow_idle(study, rule->expiry_s, chance);
    else
        follow_memory(study, rule, chance);
}
