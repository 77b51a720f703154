#include "stats/mix_predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "stats/queue.h"
#include "stats/study_node.h"

enum { CALLS = 200000, CALLS_SEARCHED = 50000, TRIES = 30 };

/* --- Members and rows ------------------------------------------------------------------------- */

static bool same_lengths(const struct row *a, const struct row *b)
{
    return a->input_tokens == b->input_tokens && a->output_tokens == b->output_tokens;
}

static bool same_configuration(const struct step *a, const struct step *b)
{
    return a->configuration && b->configuration && strcmp(a->configuration, b->configuration) == 0;
}

/* How unlike the study's row is: of another configuration, then by the prompts' lengths. */
static double unlikeness(const struct step *member, const struct study_group *group)
{
    double ratio =
        log((1 + (double)member->row.input_tokens) / (1 + (double)group->to->input_tokens));

    if (same_lengths(&member->row, group->to))
        return 0;
    return fabs(ratio) + (same_configuration(member, group->step) ? 1 : 1000);
}

/* The study's row that stands for a member; SIZE_MAX: there is none whose switch is known. */
static size_t find_row(const struct study *study, const struct study_node *node,
                       const struct step *member)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < study->rows; i++) {
        const struct study_group *group = &study->row[i];

        if (strcmp(group->to->model_name, member->row.model_name) == 0 &&
            study_node_knows(study, node, i) &&
            (found == SIZE_MAX ||
             unlikeness(member, group) < unlikeness(member, &study->row[found])))
            found = i;
    }
    return found;
}

static enum mix_lack describe(const struct study *study, struct study_node *node,
                              const struct step *step, double share,
                              const struct mix_member_switching *member,
                              struct queue_member *called)
{
    size_t row = find_row(study, node, step);
    struct queue_configuration *loadable;

    if (row == SIZE_MAX)
        return MIX_LACKS_ROW;
    *called = (struct queue_member){
        .share = share, .service_s = member->service_s, .configuration = node->configuration[row]};
    if (same_lengths(&step->row, study->row[row].to))
        called->service_s = study_node_server_s(study, row);
    loadable = &node->loadable[called->configuration];
    if (member->batch_size_most > (double)loadable->batch_most)
        loadable->batch_most = (size_t)member->batch_size_most;
    return called->service_s > 0 ? MIX_LACKS_NOTHING : MIX_LACKS_LATENCY;
}

static enum mix_lack describe_all(const struct study *study, struct study_node *node,
                                  const struct step *const *step, const struct mix *mix,
                                  struct queue_member *called)
{
    enum mix_lack lack = MIX_LACKS_NOTHING;

    if (study->controlled || step[0]->state.control != STATE_CONTROL_NONE)
        return MIX_LACKS_CONTROL;
    if (!(mix->calls > 0) || !(mix->switching.calls_in_a_row >= 1))
        return MIX_LACKS_CALLS;
    if (!(mix->offered_per_s > 0))
        return MIX_LACKS_RATE;
    if (!study_node_make(study, node))
        return MIX_LACKS_MEMORY;
    for (size_t m = 0; m < mix->members && lack == MIX_LACKS_NOTHING; m++)
        lack = describe(study, node, step[m], mix->member[m].share, &mix->switching.member[m],
                        &called[m]);
    return lack;
}

/* --- What they meet --------------------------------------------------------------------------- */

/* How many calls in a row it takes. The same draws of members pay as often, so the share falls
 * about as the number rises. */
static double in_a_row_under(double tenth, double time_share, const struct queue_node *node,
                             struct queue_load load)
{
    load.calls = CALLS_SEARCHED;
    if (!(time_share > tenth))
        return NAN;
    for (int tries = 0; tries < TRIES; tries++) {
        load.in_a_row = fmax(floor(load.in_a_row) + 1, floor(load.in_a_row * time_share / tenth));
        time_share = queue_predict(node, &load, NULL).time_share;
        if (time_share < tenth)
            return load.in_a_row;
    }
    return NAN;
}

static void follow(struct study_node *node, const struct queue_member *called, struct mix *mix)
{
    struct mix_switching *into = &mix->switching;
    const struct queue_load load = {.member = called,
                                    .members = mix->members,
                                    .rate = mix->offered_per_s,
                                    .in_a_row = into->calls_in_a_row,
                                    .calls = CALLS};
    struct queue_part *part = memory_new(mix->members, sizeof *part);
    struct study_queue queue;

    node->node.schedule = into->grouped ? SCHEDULE_GROUPED : SCHEDULE_IN_ORDER;
    queue = queue_predict(&node->node, &load, part);
    into->predicted = (struct mix_predicted){queue.paid_share, queue.switch_s, queue.time_share};
    into->predicted_wait_s_per_call = queue.switch_wait_s;
    into->predicted_utilisation = queue.utilisation;
    into->in_a_row_under_tenth = in_a_row_under(0.1, queue.time_share, &node->node, load);
    for (size_t m = 0; m < mix->members; m++)
        into->member[m].predicted =
            (struct mix_predicted){part[m].paid_share, part[m].switch_s, part[m].time_share};
    free(part);
}

void mix_predict(const struct study *study, const struct step *const *member, struct mix *mix)
{
    struct queue_member *called = memory_new(mix->members, sizeof *called);
    struct study_node node = {.loadable = NULL};

    mix->switching.lack = describe_all(study, &node, member, mix, called);
    if (mix->switching.lack == MIX_LACKS_NOTHING)
        follow(&node, called, mix);
    study_node_clear(&node);
    free(called);
}
