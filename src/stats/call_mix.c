#include "stats/call_mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/followed.h"
#include "stats/queue.h"
#include "stats/study_node.h"

enum { CALLS = 200000, SETTLING = 1000 };

/* What is called, and what holds it. */
struct calling {
    struct queue_member *called;
    size_t rows;
    struct study_node node;
    double in_a_row;
};

static double rows_of_model(const struct study *study, size_t row)
{
    double rows = 0;

    for (size_t i = 0; i < study->rows; i++)
        rows += strcmp(study->row[i].to->model_name, study->row[row].to->model_name) == 0;
    return rows;
}

/* False where something of the row is not known. */
static bool describe(const struct study *study, size_t row, struct calling *calling)
{
    struct queue_member *called = &calling->called[row];

    *called =
        (struct queue_member){.share = study->row[row].step->call_share / rows_of_model(study, row),
                              .service_s = study_node_client_s(study, row),
                              .configuration = calling->node.configuration[row]};
    return called->share >= 0 && called->service_s > 0 &&
           study_node_knows(study, &calling->node, row);
}

/* --- A node that is idle when a call comes ---------------------------------------------------- */

static struct queue_member *draw(struct calling *calling, double all, struct random *random)
{
    double at = random_unit(random) * all;
    size_t i = 0;

    while (i + 1 < calling->rows && at >= calling->called[i].share)
        at -= calling->called[i++].share;
    return &calling->called[i];
}

/* The sums of CALLS calls. */
struct follow_sums {
    size_t paid;
    double extra_s, busy_s;
};

static struct follow_sums follow_calls(struct calling *calling, double all)
{
    const uint64_t key[] = {0x6d6978};
    const struct queue_node *node = &calling->node.node;
    struct followed memory = followed_make(node->configurations, node->capacity, node->lru);
    const struct queue_member *row = NULL;
    struct follow_sums sums = {0};
    struct random random;

    random_init(&random, key, 1);
    for (size_t i = 0; i < CALLS + SETTLING; i++) {
        const struct queue_configuration *loadable;
        bool pays;

        if (!row || calling->in_a_row <= 1 || random_unit(&random) * calling->in_a_row < 1)
            row = draw(calling, all, &random);
        loadable = &node->configuration[row->configuration];
        pays = followed_visit(&memory, row->configuration, loadable->weight);
        if (i < SETTLING)
            continue;
        sums.paid += pays;
        sums.extra_s += pays ? loadable->switch_s : 0;
        sums.busy_s += row->service_s;
    }
    followed_clear(&memory);
    return sums;
}

static void follow(struct calling *calling, double all, struct study_call_mix *mix)
{
    struct follow_sums sums = follow_calls(calling, all);

    mix->calls = CALLS;
    mix->paid_share = (double)sums.paid / CALLS;
    mix->extra_s = sums.extra_s / CALLS;
    mix->service_s = sums.busy_s / CALLS;
    mix->time_share = sums.extra_s / (sums.extra_s + sums.busy_s);
}

double call_mix_in_a_row(const struct study_call_mix *mix, double share)
{
    double one_by_one_s = mix->extra_s * fmax(1, mix->calls_in_a_row);

    return fmax(1, ceil(one_by_one_s * (1 - share) / (share * mix->service_s)));
}

/* --- A node with a queue ---------------------------------------------------------------------- */

static void follow_queue(const struct study *study, struct calling *calling,
                         struct study_call_mix *mix)
{
    struct queue_load load = {.member = calling->called,
                              .members = calling->rows,
                              .rate = mix->call_rate,
                              .in_a_row = calling->in_a_row,
                              .calls = CALLS};

    for (size_t i = 0; i < calling->rows; i++)
        calling->called[i].service_s = study_node_server_s(study, i);
    for (int schedule = 0; schedule < STUDY_SCHEDULES; schedule++) {
        calling->node.node.schedule = (enum study_schedule)schedule;
        mix->queue[schedule] = queue_predict(&calling->node.node, &load, NULL);
    }
}

/* --- What the study knows --------------------------------------------------------------------- */

/* What the first of its runs states that states any. */
static void take_stated(struct study *study)
{
    study->call_mix = (struct study_call_mix){.call_rate = NAN, .calls_in_a_row = 1};
    for (size_t i = study->visits; i > 0; i--) {
        const struct step *step = study->visit[i - 1].step;

        if (step->call_rate > 0)
            study->call_mix.call_rate = step->call_rate;
        if (step->calls_in_a_row >= 1)
            study->call_mix.calls_in_a_row = step->calls_in_a_row;
    }
}

void call_mix_fit(struct study *study)
{
    enum study_rule rule = study->residency.rule;
    bool counted = rule == RESIDENCY_LRU || rule == RESIDENCY_FIFO, known;
    struct calling calling = {.called = memory_new(study->rows, sizeof *calling.called),
                              .rows = study->rows};
    double all = 0;

    take_stated(study);
    calling.in_a_row = fmax(1, study->call_mix.calls_in_a_row);
    known = study_node_make(study, &calling.node);
    for (size_t i = 0; i < study->rows && known; i++) {
        known = describe(study, i, &calling);
        all += calling.called[i].share;
    }
    known = known && !study->controlled;
    if (known && all > 0 && counted)
        follow(&calling, all, &study->call_mix);
    if (known && all > 0 && study->call_mix.call_rate > 0)
        follow_queue(study, &calling, &study->call_mix);
    study_node_clear(&calling.node);
    free(calling.called);
}
