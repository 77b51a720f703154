#include "stats/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/followed.h"
#include "stats/quantile.h"
#include "stats/queue.h"

enum { CALLS = 200000, SETTLING = 1000, END_TO_END_P50 = 2 };

/* What is called, and what holds it. */
struct calling {
    struct queue_member *called;
    struct queue_configuration *loadable; /* which several rows may load */
    size_t rows;
    struct queue_node node;
    double in_a_row;
};

/* The median over the row's visits of what a request takes at the median; NAN: not known. */
static double latency_s(const struct study *study, size_t row, enum metric latency)
{
    double *values = memory_new(study->visits, sizeof *values), median = NAN;
    size_t count = 0;

    for (size_t i = 0; i < study->visits; i++) {
        const struct metric_summary *metric = &study->visit[i].step->metric[latency];

        if (study->visit[i].row == row && metric->count > 0)
            values[count++] = metric->quantile[END_TO_END_P50];
    }
    quantile_sort(values, count);
    if (count > 0)
        median = quantile_of_sorted(values, count, 0.5);
    free(values);
    return median;
}

static double service_s(const struct study *study, size_t row)
{
    return latency_s(study, row, METRIC_CLIENT_END_TO_END_LATENCY_S);
}

static double rows_of_model(const struct study *study, size_t row)
{
    double rows = 0;

    for (size_t i = 0; i < study->rows; i++)
        rows += strcmp(study->row[i].to->model_name, study->row[row].to->model_name) == 0;
    return rows;
}

static double batch_most(const struct step *step)
{
    return step->representative_batch_size >= 1 ? step->representative_batch_size : 1;
}

/* False where something of the row is not known. A row that never paid may have come after another
 * that loads the same. */
static bool describe(const struct study *study, size_t row, struct calling *calling)
{
    struct queue_member *called = &calling->called[row];
    struct queue_configuration *loadable = &calling->loadable[called->configuration];
    const struct switch_estimate *estimate = &study->row[row].estimate;
    const struct step *step = study->row[row].step;

    called->share = step->call_share / rows_of_model(study, row);
    called->service_s = service_s(study, row);
    loadable->weight = study->residency.by_weight ? step->weight_gb : 1;
    loadable->batch_most = (size_t)batch_most(step);
    if (estimate->verdict == SWITCH_DETECTED)
        loadable->switch_s = fmax(loadable->switch_s, estimate->value_s);
    return called->share >= 0 && called->service_s > 0 && loadable->weight > 0 &&
           (estimate->verdict == SWITCH_DETECTED || estimate->verdict == SWITCH_NOT_DETECTED);
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
    struct followed memory =
        followed_make(calling->node.configurations, calling->node.capacity, calling->node.lru);
    const struct queue_member *row = NULL;
    struct follow_sums sums = {0};
    struct random random;

    random_init(&random, key, 1);
    for (size_t i = 0; i < CALLS + SETTLING; i++) {
        const struct queue_configuration *loadable;
        bool pays;

        if (!row || calling->in_a_row <= 1 || random_unit(&random) * calling->in_a_row < 1)
            row = draw(calling, all, &random);
        loadable = &calling->loadable[row->configuration];
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

static void follow(struct calling *calling, double all, struct study_mix *mix)
{
    struct follow_sums sums = follow_calls(calling, all);

    mix->calls = CALLS;
    mix->paid_share = (double)sums.paid / CALLS;
    mix->extra_s = sums.extra_s / CALLS;
    mix->service_s = sums.busy_s / CALLS;
    mix->time_share = sums.extra_s / (sums.extra_s + sums.busy_s);
}

double mix_calls_in_a_row(const struct study_mix *mix, double share)
{
    double one_by_one_s = mix->extra_s * fmax(1, mix->calls_in_a_row);

    return fmax(1, ceil(one_by_one_s * (1 - share) / (share * mix->service_s)));
}

/* --- A node with a queue ---------------------------------------------------------------------- */

/* By the server's own latency, where it is known: the client's may hold queueing. */
static void take_server_latencies(const struct study *study, struct calling *calling)
{
    for (size_t i = 0; i < study->rows; i++) {
        double server_s = latency_s(study, i, METRIC_SERVER_END_TO_END_LATENCY_S);

        if (server_s > 0)
            calling->called[i].service_s = server_s;
    }
}

static void follow_queue(const struct study *study, struct calling *calling, struct study_mix *mix)
{
    struct queue_load load = {.member = calling->called,
                              .members = calling->rows,
                              .rate = mix->call_rate,
                              .in_a_row = calling->in_a_row,
                              .calls = CALLS};

    take_server_latencies(study, calling);
    for (int schedule = 0; schedule < STUDY_SCHEDULES; schedule++) {
        calling->node.schedule = (enum study_schedule)schedule;
        mix->queue[schedule] = queue_predict(&calling->node, &load);
    }
}

/* --- What the study knows --------------------------------------------------------------------- */

static double capacity_of(const struct study_residency *residency)
{
    if (residency->rule == RESIDENCY_IDLE_EXPIRY)
        return INFINITY;
    if (residency->by_weight)
        return isinf(residency->gb_high) ? INFINITY : (residency->gb_low + residency->gb_high) / 2;
    return residency->capacity == residency->units ? INFINITY : (double)residency->capacity;
}

static struct calling calling_make(const struct study *study)
{
    const struct study_residency *residency = &study->residency;
    bool expires = residency->rule == RESIDENCY_IDLE_EXPIRY;
    struct calling calling = {.called = memory_new(study->rows, sizeof *calling.called),
                              .loadable = memory_new(residency->units, sizeof *calling.loadable),
                              .rows = study->rows,
                              .in_a_row = fmax(1, study->mix.calls_in_a_row)};

    calling.node = (struct queue_node){.configuration = calling.loadable,
                                       .configurations = residency->units,
                                       .capacity = capacity_of(residency),
                                       .lru = residency->rule == RESIDENCY_LRU,
                                       .expiry_s = expires ? residency->expiry_s : INFINITY};
    for (size_t i = 0; i < study->visits; i++)
        calling.called[study->visit[i].row].configuration = study->visit[i].configuration;
    return calling;
}

static void calling_clear(struct calling *calling)
{
    free(calling->called);
    free(calling->loadable);
}

/* What the first of its runs states that states any. */
static void take_stated(struct study *study)
{
    study->mix = (struct study_mix){.call_rate = NAN, .calls_in_a_row = 1};
    for (size_t i = study->visits; i > 0; i--) {
        const struct step *step = study->visit[i - 1].step;

        if (step->call_rate > 0)
            study->mix.call_rate = step->call_rate;
        if (step->calls_in_a_row >= 1)
            study->mix.calls_in_a_row = step->calls_in_a_row;
    }
}

void mix_fit(struct study *study)
{
    enum study_rule rule = study->residency.rule;
    bool counted = rule == RESIDENCY_LRU || rule == RESIDENCY_FIFO;
    bool known = counted || rule == RESIDENCY_IDLE_EXPIRY;
    struct calling calling;
    double all = 0;

    take_stated(study);
    if (!known)
        return;
    calling = calling_make(study);
    for (size_t i = 0; i < study->rows && known; i++) {
        known = describe(study, i, &calling);
        all += calling.called[i].share;
    }
    if (known && all > 0 && counted)
        follow(&calling, all, &study->mix);
    if (known && all > 0 && study->mix.call_rate > 0)
        follow_queue(study, &calling, &study->mix);
    calling_clear(&calling);
}
