#include "stats/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/quantile.h"

enum { CALLS = 200000, SETTLING = 1000, END_TO_END_P50 = 2 };

/* What the node holds or does not: a configuration, which several rows may load. */
struct held {
    double cost_s, weight;
    size_t used; /* when it last counted; 0: it is not in memory */
};

/* A row as the mix calls it. */
struct called {
    double share, service_s;
    struct held *held;
};

struct memory {
    struct called *called;
    struct held *held;
    size_t rows, units, clock;
    double capacity, filled;
    bool lru;
};

static double service_s(const struct study *study, size_t row)
{
    double *values = memory_new(study->visits, sizeof *values), median = NAN;
    size_t count = 0;

    for (size_t i = 0; i < study->visits; i++) {
        const struct metric_summary *metric =
            &study->visit[i].step->metric[METRIC_CLIENT_END_TO_END_LATENCY_S];

        if (study->visit[i].row == row && metric->count > 0)
            values[count++] = metric->quantile[END_TO_END_P50];
    }
    quantile_sort(values, count);
    if (count > 0)
        median = quantile_of_sorted(values, count, 0.5);
    free(values);
    return median;
}

static double rows_of_model(const struct study *study, size_t row)
{
    double rows = 0;

    for (size_t i = 0; i < study->rows; i++)
        rows += strcmp(study->row[i].to->model_name, study->row[row].to->model_name) == 0;
    return rows;
}

/* False where something of the row is not known. A row that never paid may have come after another
 * that loads the same. */
static bool describe(const struct study *study, size_t row, bool by_gb, struct called *called)
{
    const struct switch_estimate *estimate = &study->row[row].estimate;
    const struct step *step = study->row[row].step;

    called->share = step->call_share / rows_of_model(study, row);
    called->service_s = service_s(study, row);
    called->held->weight = by_gb ? step->weight_gb : 1;
    if (estimate->verdict == SWITCH_DETECTED)
        called->held->cost_s = fmax(called->held->cost_s, estimate->value_s);
    return called->share >= 0 && called->service_s > 0 && called->held->weight > 0 &&
           (estimate->verdict == SWITCH_DETECTED || estimate->verdict == SWITCH_NOT_DETECTED);
}

/* Makes room by what was used, or loaded, longest ago. */
static void make_room(struct memory *memory, double weight)
{
    while (memory->filled > 0 && memory->filled + weight > memory->capacity) {
        struct held *oldest = NULL;

        for (size_t i = 0; i < memory->units; i++) {
            struct held *one = &memory->held[i];

            if (one->used > 0 && (!oldest || one->used < oldest->used))
                oldest = one;
        }
        if (!oldest)
            return;
        oldest->used = 0;
        memory->filled -= oldest->weight;
    }
}

/* Whether the call pays. */
static bool call(struct memory *memory, struct held *one)
{
    bool pays = one->used == 0;

    memory->clock++;
    if (pays) {
        make_room(memory, one->weight);
        if (memory->filled + one->weight > memory->capacity)
            return true; /* it never stays */
        memory->filled += one->weight;
    }
    if (pays || memory->lru)
        one->used = memory->clock;
    return pays;
}

static struct called *draw(struct memory *memory, double all, struct random *random)
{
    double at = random_unit(random) * all;
    size_t i = 0;

    while (i + 1 < memory->rows && at >= memory->called[i].share)
        at -= memory->called[i++].share;
    return &memory->called[i];
}

static void follow(struct memory *memory, struct study_mix *mix)
{
    const uint64_t key[] = {0x6d6978};
    double extra_s = 0, busy_s = 0, all = 0;
    struct random random;
    size_t paid = 0;

    random_init(&random, key, 1);
    for (size_t i = 0; i < memory->rows; i++)
        all += memory->called[i].share;
    for (size_t i = 0; i < CALLS + SETTLING && all > 0; i++) {
        struct called *row = draw(memory, all, &random);
        bool pays = call(memory, row->held);

        if (i < SETTLING)
            continue;
        paid += pays;
        extra_s += pays ? row->held->cost_s : 0;
        busy_s += row->service_s;
    }
    if (!(busy_s > 0))
        return;
    mix->calls = CALLS;
    mix->paid_share = (double)paid / CALLS;
    mix->extra_s = extra_s / CALLS;
    mix->service_s = busy_s / CALLS;
    mix->time_share = extra_s / (extra_s + busy_s);
}

double mix_calls_in_a_row(const struct study_mix *mix, double share)
{
    return fmax(1, ceil(mix->extra_s * (1 - share) / (share * mix->service_s)));
}

/* Room for what the memory may hold, each row with its own. */
static void memory_make(const struct study *study, struct memory *memory)
{
    *memory = (struct memory){.called = memory_new(study->rows, sizeof *memory->called),
                              .held = memory_new(study->residency.units, sizeof *memory->held),
                              .rows = study->rows,
                              .units = study->residency.units};
    for (size_t i = 0; i < study->visits; i++)
        memory->called[study->visit[i].row].held = &memory->held[study->visit[i].configuration];
}

static double capacity_of(const struct study_residency *residency)
{
    if (residency->by_weight)
        return isinf(residency->gb_high) ? INFINITY : (residency->gb_low + residency->gb_high) / 2;
    return residency->capacity == residency->units ? INFINITY : (double)residency->capacity;
}

void mix_fit(struct study *study)
{
    const struct study_residency *residency = &study->residency;
    bool known = residency->revisits > 0;
    struct memory memory;

    study->mix = (struct study_mix){0};
    memory_make(study, &memory);
    for (size_t i = 0; i < study->rows && known; i++)
        known = describe(study, i, residency->by_weight, &memory.called[i]);
    memory.capacity = capacity_of(residency);
    memory.lru = residency->by_weight || residency->lru_probability >= 0.5;
    if (known)
        follow(&memory, &study->mix);
    free(memory.called);
    free(memory.held);
}
