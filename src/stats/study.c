#include "stats/study.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/call_mix.h"
#include "stats/cold.h"
#include "stats/content.h"
#include "stats/cost.h"
#include "stats/exposure.h"
#include "stats/family.h"
#include "stats/inside.h"
#include "stats/lengths.h"
#include "stats/loading.h"
#include "stats/model.h"
#include "stats/paying.h"
#include "stats/quantile.h"
#include "stats/replicate.h"
#include "stats/residency.h"
#include "stats/server_word.h"
#include "stats/spread.h"
#include "stats/steady.h"

/* Server and client differ by more than both. */
static const double apart_s = 0.02, apart_share = 0.2;

/* --- A study ---------------------------------------------------------------------------------- */

/* Everything while it is being concluded. */
struct concluding {
    struct study *study;
    struct grouping rows;
    struct spread spread[SWITCH_SOURCES];
    struct cold cold; /* the first visits together */
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

static bool has_completed(const struct step *step)
{
    return step->completed + step->probe_completed + step->phase_completed > 0;
}

/* What ran before it; NULL where that is not known, or completed nothing and so may not have
 * touched its model. Steps stand in the order they ran. */
static const struct row *row_before(const struct step *steps, size_t i)
{
    for (size_t k = i; k > 0 && steps[i].predecessor >= 0; k--) {
        if ((long)steps[k - 1].index == steps[i].predecessor)
            return has_completed(&steps[k - 1]) ? &steps[k - 1].row : NULL;
    }
    return NULL;
}

void study_add(struct study *study, struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        steps[i].estimate = nothing;
        steps[i].estimate.reason = steps[i].row.mix ? SWITCH_MIXED : SWITCH_WARMUP;
        if (!row_is_studied(&steps[i].row))
            continue;
        study->visit = memory_grow(study->visit, study->visits, sizeof *study->visit);
        study->visit[study->visits++] = (struct study_visit){
            .step = &steps[i], .from = row_before(steps, i), .run = study->runs};
    }
    study->runs++;
}

static const struct switch_measurement *measurement_of_visit(const struct study *study,
                                                             size_t visit)
{
    return &study->visit[visit].step->measurement;
}

/* One clock for all visits to a row, the one that most of them go by: two do not agree on what is
 * long. */
static void choose_clock(struct study *study, const size_t *member, size_t count)
{
    enum switch_source chosen = SWITCH_SERVER;
    size_t by[SWITCH_SOURCES] = {0};

    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = measurement_of_visit(study, member[i]);

        by[measurement->source] += measurement->reason == SWITCH_MEASURABLE;
    }
    if (by[SWITCH_CLIENT] > by[SWITCH_SERVER])
        chosen = SWITCH_CLIENT;
    for (size_t i = 0; i < count; i++) {
        struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        if (measurement->reason != SWITCH_MEASURABLE || measurement->source == chosen)
            continue;
        exposure_go_by(chosen, &study->visit[member[i]].step->row, measurement);
        if (measurement->reason != SWITCH_MEASURABLE)
            measurement->reason = SWITCH_OTHER_CLOCK;
    }
}

static void choose_clocks(struct concluding *concluding)
{
    const struct grouping *rows = &concluding->rows;

    for (size_t g = 0; g < rows->groups; g++)
        choose_clock(concluding->study, &rows->member[rows->begin[g]],
                     rows->begin[g + 1] - rows->begin[g]);
}

static void group_rows(struct concluding *concluding)
{
    struct study *study = concluding->study;

    grouping_make(study->visit, study->visits, grouping_by_row, &concluding->rows);
    study->rows = concluding->rows.groups;
    for (size_t i = 0; i < study->visits; i++)
        study->visit[i].row = concluding->rows.group_of[i];
}

/* By what rows load, once it is known at which batch size they are judged. */
static void number_configurations(struct study *study)
{
    struct grouping configurations;

    grouping_make(study->visit, study->visits, grouping_by_configuration, &configurations);
    study->configurations = configurations.groups;
    study->by_configuration = study->visits > 0;
    for (size_t i = 0; i < study->visits; i++) {
        study->visit[i].configuration = configurations.group_of[i];
        study->by_configuration &= study->visit[i].step->configuration != NULL;
    }
    grouping_clear(&configurations);
}

static void pool(struct concluding *concluding)
{
    struct study *study = concluding->study;

    for (int source = 0; source < SWITCH_SOURCES; source++) {
        struct spread *spread = &concluding->spread[source];

        spread_init(spread, concluding->rows.groups);
        for (size_t i = 0; i < study->visits; i++) {
            const struct switch_measurement *measurement = measurement_of_visit(study, i);

            if (measurement->reason == SWITCH_MEASURABLE)
                spread_add(spread, concluding->rows.group_of[i], &measurement->side[source]);
        }
        spread_judge(spread);
    }
}

/* At what steady requests show and vary by, and at further batch sizes. */
static void look(struct concluding *concluding)
{
    struct study *study = concluding->study;

    for (int source = 0; source < SWITCH_SOURCES; source++) {
        steady_look(study, (enum switch_source)source);
        lengths_take_out(study, (enum switch_source)source);
        spread_clear(&concluding->spread[source]);
    }
    pool(concluding);
    inside_look(study, &concluding->rows, &concluding->spread[SWITCH_SERVER]);
}

static bool sources_disagree(const struct switch_measurement *measurement)
{
    const struct switch_side *server = &measurement->side[SWITCH_SERVER];
    const struct switch_side *client = &measurement->side[SWITCH_CLIENT];
    double by_server = server->exposed_s - server->steady_s;
    double by_client = client->exposed_s - client->steady_s;
    double apart = fabs(by_server - by_client);

    return server->steady > 0 && client->steady > 0 && apart > apart_s &&
           apart > apart_share * fmax(fabs(by_server), fabs(by_client));
}

/* What is odd about the visit itself. */
static int flags_of(const struct concluding *concluding, const struct study_visit *visit)
{
    const struct switch_measurement *measurement = &visit->step->measurement;
    int flags = measurement->flags | (visit->step->estimate.flags & SWITCH_FLAG_RULE_DISAGREES);

    if (!visit->from)
        flags |= SWITCH_FLAG_PREDECESSOR;
    if (visit->step->state.control_error)
        flags |= SWITCH_FLAG_NOT_PREPARED;
    if (concluding->spread[measurement->source].unequal)
        flags |= SWITCH_FLAG_UNEQUAL_SPREAD;
    if (visit_measured(visit) && measurement->side[measurement->source].slow > 0)
        flags |= SWITCH_FLAG_SLOW_ONES;
    if (visit_measured(visit) && sources_disagree(measurement))
        flags |= SWITCH_FLAG_SOURCES_DISAGREE;
    return flags;
}

/* Where steady requests wait significantly longer than the exposed one did, a queue stands in front
 * of the former. */
static bool is_queue(const struct switch_measurement *measurement,
                     const struct replicate *replicate)
{
    return (measurement->flags & SWITCH_FLAG_QUEUE) && replicate->sooner_p < REPLICATE_LEVEL;
}

static void judge_visit(const struct concluding *concluding, size_t i)
{
    struct study_visit *visit = &concluding->study->visit[i];
    const struct switch_measurement *measurement = &visit->step->measurement;
    const struct switch_side *client = &measurement->side[SWITCH_CLIENT];

    visit->spread = spread_of_row(&concluding->spread[measurement->source], visit->row);
    visit->reason = measurement->reason;
    if (visit_measured(visit) && !(visit->spread.df > 0))
        visit->reason = SWITCH_NO_SPREAD;
    if (!visit_measured(visit))
        return;
    visit->replicate = replicate_judge_among(&measurement->side[measurement->source], visit->spread,
                                             &concluding->study->steady[measurement->source]);
    if (client->steady > 0)
        visit->replicate.client_s = client->exposed_s - client->steady_s;
    if (is_queue(measurement, &visit->replicate))
        visit->reason = SWITCH_QUEUED;
}

/* A first visit after something that is not known may find its row loaded, or pay for what nobody
 * asked: it is left out where its row has others. */
static void leave_out(struct study *study, const size_t *member, size_t count)
{
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        known += visit_measured(&study->visit[member[i]]) && study->visit[member[i]].from;
    for (size_t i = 0; i < count; i++)
        study->visit[member[i]].left_out = known > 0 && !study->visit[member[i]].from;
}

/* Where the visits that stood out, too few by themselves, are those that did so as their run's
 * first, the switch is found by what all first visits tell. */
static void combine_cold(const struct concluding *concluding, const size_t *member, size_t count,
                         struct switch_estimate *into)
{
    size_t cold = 0;

    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &concluding->study->visit[member[i]];

        cold += visit->cold && paying_counts(visit);
    }
    if (cold > 0 && cold == into->outstanding) {
        into->flags &= ~SWITCH_FLAG_FEW;
        into->p = concluding->cold.p;
        into->slow_p = concluding->cold.slow_p;
    }
}

/* Those of a group that are judged: all that count, or the only one whatever came before. */
static size_t collect(const struct concluding *concluding, const size_t *member, size_t count,
                      struct replicate *replicate, struct switch_estimate *into,
                      const struct study_visit **last)
{
    into->visits = count;
    for (size_t i = 0; i < count; i++) {
        const struct study_visit *visit = &concluding->study->visit[member[i]];

        into->flags |= flags_of(concluding, visit);
        if (!visit_measured(visit))
            into->reason = visit->reason;
        else if (count == 1 || !visit->left_out) {
            replicate[into->measured++] = visit->replicate;
            *last = visit;
        }
    }
    return into->measured;
}

/* Combines visits to one row; adds what can be judged to the family. */
static void combine_visits(const struct concluding *concluding, const size_t *member, size_t count,
                           struct switch_estimate *into, double *steady_s, struct family *family)
{
    struct replicate *replicate = memory_new(count, sizeof *replicate);
    struct switch_estimate combined = nothing;
    const struct study_visit *visit = NULL;

    *steady_s = NAN;
    if (collect(concluding, member, count, replicate, &combined, &visit) > 0) {
        const struct study *study = concluding->study;

        combined.reason = SWITCH_MEASURABLE; /* all by one clock, and with one spread */
        combined.source = visit->step->measurement.source;
        replicate_combine(replicate, combined.measured, visit->spread,
                          study->steady[combined.source].slow_share, study_confidence(study),
                          &combined);
        if (combined.flags & SWITCH_FLAG_FEW)
            combine_cold(concluding, member, count, &combined);
        *steady_s = replicate_steady_s(replicate, combined.measured);
    }
    *into = combined;
    if (combined.measured > 0)
        family_add(family, into, *steady_s);
    free(replicate);
}

static double looks_of(const struct study *study)
{
    return study->looks > 1 ? (double)study->looks : 1;
}

static double level_of(const struct study *study)
{
    return REPLICATE_LEVEL / looks_of(study);
}

/* The documented rule found one where this did not, or the other way round; its row is reported
 * too. */
static void compare_with_rule(struct study *study, const struct study_visit *visit)
{
    struct step *step = visit->step;
    bool rule = step->switching.verdict == SWITCHING_FOUND;

    if (step->switching.verdict > SWITCHING_NONE || step->estimate.verdict > SWITCH_NOT_DETECTED ||
        rule == (step->estimate.verdict == SWITCH_DETECTED))
        return;
    step->estimate.flags |= SWITCH_FLAG_RULE_DISAGREES;
    study->row[visit->row].estimate.flags |= SWITCH_FLAG_RULE_DISAGREES;
}

static void conclude_steps(struct concluding *concluding)
{
    struct study *study = concluding->study;
    struct family family = {0};

    for (size_t i = 0; i < study->visits; i++) {
        double steady_s;

        combine_visits(concluding, &i, 1, &study->visit[i].step->estimate, &steady_s, &family);
    }
    family_conclude(&family, level_of(study));
    for (size_t i = 0; i < study->visits; i++)
        inside_settle(&study->visit[i].step->estimate);
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
        groups[g].step = first->step;
        combine_visits(concluding, member, grouping->begin[g + 1] - grouping->begin[g],
                       &groups[g].estimate, &groups[g].steady_s, &family);
    }
    family_conclude(&family, level_of(study));
    for (size_t g = 0; g < grouping->groups; g++)
        inside_settle(&groups[g].estimate);
    return groups;
}

/* A step's own verdict beside the others to its row: what a slow request might explain by itself is
 * a switch where its row has one and this visit looks as such. */
static void settle_doubt(const struct study *study, const struct study_visit *visit)
{
    struct switch_estimate *estimate = &visit->step->estimate;

    if (estimate->verdict != SWITCH_INCONCLUSIVE || estimate->p_adjusted > level_of(study) ||
        study->row[visit->row].estimate.verdict != SWITCH_DETECTED || visit->paid_as != VISIT_PAID)
        return;
    estimate->verdict = SWITCH_DETECTED;
    estimate->flags &= ~SWITCH_FLAG_FEW;
}

/* The other way round: what stands out of its own steady requests, but is far below what its row's
 * switch costs, was slow for another reason, or paid for something else. */
static void settle_stall(const struct study *study, const struct study_visit *visit)
{
    struct switch_estimate *estimate = &visit->step->estimate;

    if (estimate->verdict != SWITCH_DETECTED || visit->paid_as != VISIT_NOT_PAID ||
        study->row[visit->row].estimate.verdict != SWITCH_DETECTED)
        return;
    estimate->verdict = SWITCH_INCONCLUSIVE;
    estimate->flags |= SWITCH_FLAG_FEW;
}

/* Of each step: what is known of it beside the others to its row. */
static void note_paid(struct study *study)
{
    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];
        struct switch_estimate *estimate = &visit->step->estimate;

        if (estimate->verdict == SWITCH_NOT_MEASURABLE)
            continue;
        settle_doubt(study, visit);
        settle_stall(study, visit);
        estimate->switched = visit->paid_as == VISIT_PAID;
        estimate->not_paid = visit->paid_as == VISIT_NOT_PAID;
        estimate->unknown = visit->paid_as == VISIT_UNKNOWN;
    }
}

double study_confidence(const struct study *study)
{
    return 1 - (1 - REPLICATE_CONFIDENCE) / looks_of(study);
}

void study_conclude(struct study *study)
{
    struct concluding concluding = {.study = study};
    struct grouping transitions;

    group_rows(&concluding);
    grouping_make(study->visit, study->visits, grouping_by_transition, &transitions);
    content_take(study, &concluding.rows);
    choose_clocks(&concluding);
    inside_align(study, &concluding.rows);
    look(&concluding);
    if (inside_prefer(study, &concluding.rows, &concluding.spread[SWITCH_SERVER]))
        look(&concluding);
    number_configurations(study);
    server_word_note(study);
    for (size_t i = 0; i < study->visits; i++)
        judge_visit(&concluding, i);
    for (size_t g = 0; g < concluding.rows.groups; g++)
        leave_out(study, &concluding.rows.member[concluding.rows.begin[g]],
                  concluding.rows.begin[g + 1] - concluding.rows.begin[g]);
    conclude_steps(&concluding);
    concluding.cold = cold_judge(study);
    study->row = conclude_groups(&concluding, &concluding.rows, false);
    paying_find(study, &concluding.rows);
    note_paid(study);
    for (size_t i = 0; i < study->visits; i++)
        compare_with_rule(study, &study->visit[i]);
    server_word_count(study);
    study->transitions = transitions.groups;
    study->transition = conclude_groups(&concluding, &transitions, true);
    cost_fill(study, &concluding.rows, &concluding.rows, study->row);
    cost_fill(study, &concluding.rows, &transitions, study->transition);
    cost_find_reloads(study);
    cost_compare_orders(study, &concluding.rows);
    loading_fit(study);
    model_sum_up(study);
    residency_fit(study);
    call_mix_fit(study);
    for (int source = 0; source < SWITCH_SOURCES; source++)
        spread_clear(&concluding.spread[source]);
    grouping_clear(&concluding.rows);
    grouping_clear(&transitions);
}

bool study_measured(const struct study *study)
{
    for (size_t i = 0; i < study->rows; i++) {
        if (study->row[i].estimate.verdict != SWITCH_NOT_MEASURABLE)
            return true;
    }
    return false;
}

void study_clear(struct study *study)
{
    free(study->visit);
    free(study->transition);
    free(study->row);
    free(study->model);
    free(study->inside);
    for (int source = 0; source < SWITCH_SOURCES; source++)
        steady_clear(&study->steady[source]);
    residency_clear(&study->residency);
    *study = (struct study){0};
}
