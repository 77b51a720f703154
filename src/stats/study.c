#include "stats/study.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/cost.h"
#include "stats/family.h"
#include "stats/loading.h"
#include "stats/mix.h"
#include "stats/quantile.h"
#include "stats/replicate.h"
#include "stats/residency.h"
#include "stats/spread.h"

/* Server and client differ by more than both. */
static const double apart_s = 0.02, apart_share = 0.2;

/* --- A study ---------------------------------------------------------------------------------- */

/* Everything while it is being concluded. */
struct concluding {
    struct study *study;
    struct grouping rows;
    struct spread spread[SWITCH_SOURCES];
};

static const struct switch_estimate nothing = {.verdict = SWITCH_NOT_MEASURABLE,
                                               .value_s = NAN,
                                               .low_s = NAN,
                                               .high_s = NAN,
                                               .client_s = NAN,
                                               .p = NAN,
                                               .p_adjusted = NAN,
                                               .smallest_s = NAN,
                                               .df = NAN,
                                               .spread = NAN,
                                               .standard_error_s = NAN};

/* What ran before it; NULL where that is not known, or completed nothing and so may not have
 * touched its model. Steps stand in the order they ran. */
static const struct row *row_before(const struct step *steps, size_t i)
{
    for (size_t k = i; k > 0 && steps[i].predecessor >= 0; k--) {
        if ((long)steps[k - 1].index == steps[i].predecessor)
            return steps[k - 1].completed + steps[k - 1].probe_completed > 0 ? &steps[k - 1].row
                                                                             : NULL;
    }
    return NULL;
}

void study_add(struct study *study, struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        steps[i].estimate = nothing;
        steps[i].estimate.reason = SWITCH_WARMUP;
        if (steps[i].row.warmup)
            continue;
        study->visit = memory_grow(study->visit, study->visits, sizeof *study->visit);
        study->visit[study->visits++] = (struct study_visit){
            .step = &steps[i], .from = row_before(steps, i), .run = study->runs};
    }
    study->runs++;
}

static const struct switch_evidence *evidence_of_visit(const struct study *study, size_t visit)
{
    return &study->visit[visit].step->evidence;
}

/* One clock for all visits to a row, the one that most of them go by: two do not agree on what is
 * long. */
static void choose_clock(struct study *study, const size_t *member, size_t count)
{
    enum switch_source chosen = SWITCH_SERVER;
    size_t by[SWITCH_SOURCES] = {0};

    for (size_t i = 0; i < count; i++) {
        const struct switch_evidence *evidence = evidence_of_visit(study, member[i]);

        by[evidence->source] += evidence->reason == SWITCH_MEASURABLE;
    }
    if (by[SWITCH_CLIENT] > by[SWITCH_SERVER])
        chosen = SWITCH_CLIENT;
    for (size_t i = 0; i < count; i++) {
        struct switch_evidence *evidence = &study->visit[member[i]].step->evidence;

        if (evidence->reason != SWITCH_MEASURABLE || evidence->source == chosen)
            continue;
        evidence->source = chosen;
        if (evidence->side[chosen].steady == 0)
            evidence->reason = SWITCH_OTHER_CLOCK;
    }
}

static void choose_clocks(struct concluding *concluding)
{
    const struct grouping *rows = &concluding->rows;

    for (size_t g = 0; g < rows->groups; g++)
        choose_clock(concluding->study, &rows->member[rows->begin[g]],
                     rows->begin[g + 1] - rows->begin[g]);
}

static void pool(struct concluding *concluding)
{
    struct study *study = concluding->study;

    for (int source = 0; source < SWITCH_SOURCES; source++) {
        struct spread *spread = &concluding->spread[source];

        spread_init(spread, concluding->rows.groups);
        for (size_t i = 0; i < study->visits; i++) {
            const struct switch_evidence *evidence = evidence_of_visit(study, i);

            if (evidence->reason == SWITCH_MEASURABLE)
                spread_add(spread, concluding->rows.group_of[i], &evidence->side[source]);
        }
        spread_judge(spread);
    }
}

static struct spread_used spread_of_visit(const struct concluding *concluding, size_t visit)
{
    enum switch_source source = evidence_of_visit(concluding->study, visit)->source;

    return spread_of_row(&concluding->spread[source], concluding->rows.group_of[visit]);
}

static bool sources_disagree(const struct switch_evidence *evidence)
{
    const struct switch_side *server = &evidence->side[SWITCH_SERVER];
    const struct switch_side *client = &evidence->side[SWITCH_CLIENT];
    double by_server = server->exposed_s - server->steady_s;
    double by_client = client->exposed_s - client->steady_s;
    double apart = fabs(by_server - by_client);

    return server->steady > 0 && client->steady > 0 && apart > apart_s &&
           apart > apart_share * fmax(fabs(by_server), fabs(by_client));
}

/* What is odd about the visit itself. */
static int flags_of(const struct concluding *concluding, size_t visit)
{
    const struct study_visit *one = &concluding->study->visit[visit];
    const struct switch_evidence *evidence = &one->step->evidence;
    int flags = evidence->flags;

    if (!one->from)
        flags |= SWITCH_FLAG_PREDECESSOR;
    if (concluding->spread[evidence->source].unequal)
        flags |= SWITCH_FLAG_UNEQUAL_SPREAD;
    if (evidence->reason == SWITCH_MEASURABLE && sources_disagree(evidence))
        flags |= SWITCH_FLAG_SOURCES_DISAGREE;
    return flags;
}

/* Where steady requests wait significantly longer than the exposed one did, a queue stands in front
 * of the former. */
static bool is_queue(const struct switch_evidence *evidence, const struct replicate *replicate)
{
    return (evidence->flags & SWITCH_FLAG_QUEUE) && 1 - replicate->p < REPLICATE_LEVEL;
}

/* Whether the visit can be judged; its reason is told where it cannot. */
static bool judge_visit(const struct concluding *concluding, size_t visit,
                        struct replicate *replicate, enum switch_reason *reason)
{
    const struct switch_evidence *evidence = evidence_of_visit(concluding->study, visit);
    struct spread_used spread = spread_of_visit(concluding, visit);

    *reason = evidence->reason;
    if (*reason != SWITCH_MEASURABLE)
        return false;
    if (!(spread.df > 0)) {
        *reason = SWITCH_NO_SPREAD;
        return false;
    }
    *replicate = replicate_judge(&evidence->side[evidence->source], spread);
    if (is_queue(evidence, replicate))
        *reason = SWITCH_QUEUED;
    return *reason == SWITCH_MEASURABLE;
}

/* Further switches inside the row: the first batch of each other size, adjusted by the number of
 * all that are looked at. */
static void judge_insides(const struct concluding *concluding, size_t visit, size_t all)
{
    struct switch_evidence *evidence = &concluding->study->visit[visit].step->evidence;
    struct spread_used spread =
        spread_of_row(&concluding->spread[SWITCH_SERVER], concluding->rows.group_of[visit]);

    for (size_t i = 0; i < evidence->insides && spread.df > 0; i++) {
        struct switch_inside *inside = &evidence->inside[i];

        inside->p = replicate_judge(&inside->side, spread).p;
        inside->found = inside->p * (double)all <= REPLICATE_LEVEL;
        if (inside->found)
            evidence->flags |= SWITCH_FLAG_INSIDE;
    }
}

/* What the visits to a row show of batches of one size, which some of them ran. */
static void combine_inside(const struct study *study, const size_t *member, size_t count,
                           double batch_size, struct study_inside *into)
{
    double *value_s = memory_new(count, sizeof *value_s);

    *into = (struct study_inside){
        .row = &study->visit[member[0]].step->row, .batch_size = batch_size, .value_s = NAN};
    for (size_t i = 0; i < count; i++) {
        const struct switch_evidence *evidence = evidence_of_visit(study, member[i]);

        for (size_t k = 0; k < evidence->insides; k++) {
            const struct switch_inside *inside = &evidence->inside[k];

            into->visits += inside->batch_size == batch_size;
            if (inside->batch_size == batch_size && inside->found)
                value_s[into->found++] = inside->side.exposed_s - inside->side.steady_s;
        }
    }
    if (into->found < replicate_needed(into->visits)) /* stalls may be why */
        into->found = 0;
    quantile_sort(value_s, into->found);
    if (into->found > 0)
        into->value_s = quantile_of_sorted(value_s, into->found, 0.5);
    free(value_s);
}

/* The next larger batch size inside visits to a row; INFINITY: none. */
static double next_size(const struct study *study, const size_t *member, size_t count, double above)
{
    double next = INFINITY;

    for (size_t i = 0; i < count; i++) {
        const struct switch_evidence *evidence = evidence_of_visit(study, member[i]);

        for (size_t k = 0; k < evidence->insides; k++) {
            if (evidence->inside[k].batch_size > above)
                next = fmin(next, evidence->inside[k].batch_size);
        }
    }
    return next;
}

static void look_inside(const struct concluding *concluding)
{
    struct study *study = concluding->study;
    const struct grouping *rows = &concluding->rows;
    size_t all = 0;

    for (size_t i = 0; i < study->visits; i++)
        all += study->visit[i].step->evidence.insides;
    for (size_t i = 0; i < study->visits; i++)
        judge_insides(concluding, i, all);
    for (size_t g = 0; g < rows->groups; g++) {
        const size_t *member = &rows->member[rows->begin[g]];
        size_t count = rows->begin[g + 1] - rows->begin[g];

        for (double size = 0; isfinite(size = next_size(study, member, count, size));) {
            study->inside = memory_grow(study->inside, study->insides, sizeof *study->inside);
            combine_inside(study, member, count, size, &study->inside[study->insides++]);
        }
    }
}

/* Takes in a visit, behind `count` others; false where it cannot be judged. */
static bool gather(const struct concluding *concluding, size_t visit, struct replicate *replicate,
                   size_t count, struct switch_estimate *into)
{
    const struct step *step = concluding->study->visit[visit].step;
    const struct switch_side *client = &step->evidence.side[SWITCH_CLIENT];
    enum switch_reason reason;

    into->visits++;
    into->flags |= flags_of(concluding, visit);
    if (!judge_visit(concluding, visit, &replicate[count], &reason)) {
        if (count == 0)
            into->reason = reason;
        return false;
    }
    into->flags |= step->estimate.flags & SWITCH_FLAG_RULE_DISAGREES;
    into->source = step->evidence.source;
    into->reason = SWITCH_MEASURABLE;
    replicate[count].client_s = client->steady > 0 ? client->exposed_s - client->steady_s : NAN;
    into->measured++;
    return true;
}

/* Combines visits to one row; adds what can be judged to the family. */
static void combine_visits(const struct concluding *concluding, const size_t *visit, size_t count,
                           struct switch_estimate *into, double *steady_s, struct family *family)
{
    struct replicate *replicate = memory_new(count, sizeof *replicate);
    size_t gathered = 0;

    *into = nothing;
    *steady_s = NAN;
    for (size_t i = 0; i < count; i++)
        gathered += gather(concluding, visit[i], replicate, gathered, into);
    if (gathered > 0) {
        replicate_combine(replicate, gathered, spread_of_visit(concluding, visit[0]), into);
        *steady_s = replicate_steady_s(replicate, gathered);
        family_add(family, into, *steady_s);
    }
    free(replicate);
}

/* The documented rule found one where this did not, or the other way round. */
static void compare_with_rule(struct step *step)
{
    bool rule = step->switching.verdict == SWITCHING_FOUND;

    if (step->switching.verdict <= SWITCHING_NONE &&
        step->estimate.verdict <= SWITCH_NOT_DETECTED &&
        rule != (step->estimate.verdict == SWITCH_DETECTED))
        step->estimate.flags |= SWITCH_FLAG_RULE_DISAGREES;
}

static void conclude_steps(struct concluding *concluding)
{
    struct study *study = concluding->study;
    struct family family = {0};

    for (size_t i = 0; i < study->visits; i++) {
        double steady_s;

        combine_visits(concluding, &i, 1, &study->visit[i].step->estimate, &steady_s, &family);
    }
    family_conclude(&family);
    for (size_t i = 0; i < study->visits; i++)
        compare_with_rule(study->visit[i].step);
}

/* Makes the groups; `from` tells whether all of one come from the same row. */
static struct study_group *conclude_groups(const struct concluding *concluding,
                                           const struct grouping *grouping, bool from)
{
    struct study *study = concluding->study;
    struct study_group *groups = memory_new(grouping->groups, sizeof *groups);
    struct family family = {0};

    for (size_t g = 0; g < grouping->groups; g++) {
        const size_t *member = &grouping->member[grouping->begin[g]];
        const struct study_visit *first = &study->visit[member[0]];

        groups[g].from = from ? first->from : NULL;
        groups[g].to = &first->step->row;
        combine_visits(concluding, member, grouping->begin[g + 1] - grouping->begin[g],
                       &groups[g].estimate, &groups[g].steady_s, &family);
    }
    family_conclude(&family);
    return groups;
}

static void judge_visits(const struct concluding *concluding)
{
    for (size_t i = 0; i < concluding->study->visits; i++) {
        struct study_visit *visit = &concluding->study->visit[i];
        enum switch_reason reason;

        visit->row = concluding->rows.group_of[i];
        visit->spread = spread_of_visit(concluding, i);
        visit->measured = judge_visit(concluding, i, &visit->replicate, &reason);
    }
}

/* One visit of three that took long may be a stall; beside ten others to the same row that took as
 * long it is a switch. */
static void note_paid(struct study *study)
{
    for (size_t i = 0; i < study->visits; i++) {
        struct study_visit *visit = &study->visit[i];

        visit->paid = visit->measured &&
                      visit->replicate.value_s > study->row[visit->row].estimate.paid_above_s;
    }
}

void study_conclude(struct study *study)
{
    struct concluding concluding = {.study = study};
    struct grouping transitions;

    grouping_make(study->visit, study->visits, grouping_by_row, &concluding.rows);
    grouping_make(study->visit, study->visits, grouping_by_transition, &transitions);
    choose_clocks(&concluding);
    pool(&concluding);
    look_inside(&concluding);
    judge_visits(&concluding);
    conclude_steps(&concluding);
    study->rows = concluding.rows.groups;
    study->row = conclude_groups(&concluding, &concluding.rows, false);
    note_paid(study);
    study->transitions = transitions.groups;
    study->transition = conclude_groups(&concluding, &transitions, true);
    cost_fill(study, &concluding.rows, study->row);
    cost_fill(study, &transitions, study->transition);
    cost_compare_orders(study, &concluding.rows);
    loading_fit(study);
    residency_fit(study);
    mix_fit(study);
    for (int source = 0; source < SWITCH_SOURCES; source++)
        spread_clear(&concluding.spread[source]);
    grouping_clear(&concluding.rows);
    grouping_clear(&transitions);
}

void study_clear(struct study *study)
{
    free(study->visit);
    free(study->transition);
    free(study->row);
    free(study->inside);
    residency_clear(&study->residency);
    *study = (struct study){0};
}
