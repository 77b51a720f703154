/* What studies tell of a node's memory, on visits drawn from a seed, without a network: whether
 * rule and capacity are told rightly where the node goes by one that is known, and whether that
 * none fits is told where it goes by another.
 *
 * Usage: bench_residency [STUDIES]: studies of each line, 100 by default. Exit status 1 where a
 * target is missed: where what was counted is so far from it that chance does not explain that
 * (99 %, binomial). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "plan/order.h"
#include "stats/distribution.h"
#include "stats/study.h"

enum { ROWS_MOST = 12, STEADY = 3 };
static const double ttft_s = 0.1, noise = 0.05;
static char names[ROWS_MOST][4];

/* --- A node, followed ------------------------------------------------------------------------- */

enum policy { LRU, FIFO, LFU, RANDOM, CLOCK, PINNED, IDLE, POLICIES };
static const char *const policy_names[POLICIES] = {"LRU",   "FIFO",   "LFU", "random",
                                                   "clock", "pinned", "idle"};

struct unit {
    bool there, referenced;
    size_t loaded, used, uses;
    double idle_since_s;
};

struct node {
    enum policy policy;
    size_t rows, capacity, clock, hand;
    double expiry_s;
    struct unit unit[ROWS_MOST];
};

/* Whether `a` leaves before `b`. */
static bool leaves_before(const struct node *node, const struct unit *a, const struct unit *b)
{
    if (node->policy == FIFO)
        return a->loaded < b->loaded;
    if (node->policy == LFU && a->uses != b->uses)
        return a->uses < b->uses;
    return a->used < b->used;
}

static size_t victim_by_clock(struct node *node)
{
    for (;; node->hand = (node->hand + 1) % node->rows) {
        struct unit *unit = &node->unit[node->hand];

        if (unit->there && !unit->referenced)
            return node->hand;
        unit->referenced = false;
    }
}

static size_t victim_of(struct node *node, struct random *random)
{
    size_t there[ROWS_MOST], count = 0, victim;

    for (size_t i = 0; i < node->rows; i++) {
        if (node->unit[i].there && !(node->policy == PINNED && i == 0))
            there[count++] = i;
    }
    if (node->policy == CLOCK)
        return victim_by_clock(node);
    if (node->policy == RANDOM)
        return there[random_below(random, count)];
    victim = there[0];
    for (size_t i = 1; i < count; i++) {
        if (leaves_before(node, &node->unit[there[i]], &node->unit[victim]))
            victim = there[i];
    }
    return victim;
}

/* Whether the visit pays. */
static bool node_visit(struct node *node, size_t row, double now_s, struct random *random)
{
    struct unit *unit = &node->unit[row];
    size_t held = 0;
    bool pays;

    if (node->policy == IDLE && now_s - unit->idle_since_s > node->expiry_s)
        unit->there = false;
    for (size_t i = 0; i < node->rows; i++)
        held += node->unit[i].there;
    pays = !unit->there;
    if (pays && held >= node->capacity)
        node->unit[victim_of(node, random)].there = false;
    node->clock++;
    if (pays)
        unit->loaded = node->clock;
    unit->there = unit->referenced = true;
    unit->used = node->clock;
    unit->uses++;
    return pays;
}

/* --- A study, drawn --------------------------------------------------------------------------- */

struct drawing {
    enum policy policy;
    size_t rows, capacity;
    double expiry_s; /* in visits of the mean length */
    double switch_s, variation;
    double slow_share, slow_by; /* requests that take so many times as long */
    struct order_asked asked;
};

static double draw_ttft(const struct drawing *drawing, struct random *random)
{
    double slow = random_unit(random) < drawing->slow_share ? drawing->slow_by : 1;

    return ttft_s * slow * exp(noise * random_normal(random));
}

static struct switch_side draw_side(const struct drawing *drawing, bool pays, struct random *random)
{
    struct switch_side side = {.steady = STEADY,
                               .samples = STEADY,
                               .exposed_tokens = NAN,
                               .sample = memory_new(STEADY, sizeof *side.sample)};
    double logs = 0, squares = 0, cost_s = drawing->switch_s, values[STEADY];

    for (int i = 0; i < STEADY; i++) {
        values[i] = draw_ttft(drawing, random);
        side.sample[i] = (struct switch_sample){
            .ttft_s = values[i], .after_s = 0.3 * (i + 1), .tokens = NAN, .request = (size_t)i + 1};
        side.steady_s += values[i] / STEADY;
        logs += log(values[i]);
        squares += log(values[i]) * log(values[i]);
    }
    cost_s *= fmax(0.1, 1 + drawing->variation * random_normal(random));
    side.exposed_s = draw_ttft(drawing, random) + (pays ? cost_s : 0);
    side.log_ratio = log(side.exposed_s) - logs / STEADY;
    side.log_squares = squares - logs * logs / STEADY;
    return side;
}

static void draw_step(const struct drawing *drawing, struct node *node, size_t row, double *now_s,
                      struct step *step, struct random *random)
{
    double takes_s = 0.5 + random_unit(random);
    bool pays = node_visit(node, row, *now_s, random);

    step->completed = 1;
    step->weight_gb = step->node_gb_per_s = step->call_share = NAN;
    step->row.model_name = names[row];
    step->switching.verdict = SWITCHING_BURST;
    step->measurement.side[SWITCH_SERVER] = draw_side(drawing, pays, random);
    step->measurement.begin_ns = (int64_t)(*now_s * 1e9);
    *now_s += takes_s + (pays ? drawing->switch_s : 0);
    step->measurement.end_ns = (int64_t)(*now_s * 1e9);
    node->unit[row].idle_since_s = *now_s;
    *now_s += 0.05;
}

/* A concluded study; its steps are given too, to free after it. */
static struct study draw_study(const struct drawing *drawing, struct random *random,
                               struct step **steps, size_t *count)
{
    struct row *row = memory_new(drawing->rows, sizeof *row);
    const struct rows rows = {.row = row, .count = drawing->rows};
    struct node node = {.policy = drawing->policy,
                        .rows = drawing->rows,
                        .capacity = drawing->capacity,
                        .expiry_s = drawing->expiry_s};
    double now_s = 1;
    struct study study = {0};
    struct order order;
    struct error error;

    if (!order_make(&rows, &drawing->asked, &order, &error))
        exit(2);
    *steps = memory_new(order.count, sizeof **steps);
    *count = order.count;
    for (size_t i = 0; i < order.count; i++) {
        (*steps)[i].index = i;
        (*steps)[i].predecessor = (long)i - 1;
        draw_step(drawing, &node, order.visit[i].row, &now_s, &(*steps)[i], random);
    }
    study_add(&study, *steps, order.count);
    study_conclude(&study);
    order_clear(&order);
    free(row);
    return study;
}

/* --- Tables ----------------------------------------------------------------------------------- */

/* What was told, in how many studies. */
struct told {
    size_t studies, rule[RESIDENCY_RULES], capacity, right, covered;
};

/* LRU and FIFO do the same where one stays, or all. */
static bool right_rule(const struct drawing *drawing, enum study_rule rule)
{
    bool same = drawing->capacity == 1 || drawing->capacity >= drawing->rows;

    if (drawing->policy == IDLE)
        return rule == RESIDENCY_IDLE_EXPIRY;
    if (same)
        return rule == RESIDENCY_LRU || rule == RESIDENCY_FIFO;
    return (drawing->policy == LRU && rule == RESIDENCY_LRU) ||
           (drawing->policy == FIFO && rule == RESIDENCY_FIFO);
}

static void count_study(const struct drawing *drawing, const struct study_residency *residency,
                        struct told *told)
{
    bool capacity = residency->capacity == drawing->capacity;
    bool expiry = residency->expiry_low_s <= drawing->expiry_s &&
                  drawing->expiry_s <= residency->expiry_high_s;

    told->studies++;
    told->rule[residency->rule]++;
    told->capacity += capacity;
    told->right += right_rule(drawing, residency->rule) && (capacity || drawing->policy == IDLE);
    told->covered += drawing->policy == IDLE ? expiry
                                             : residency->capacity_low <= drawing->capacity &&
                                                   drawing->capacity <= residency->capacity_high;
}

static struct told tell(struct drawing *drawing, size_t studies, uint64_t line)
{
    struct told told = {0};
    const uint64_t key[] = {0x726573, line};
    struct random random;

    random_init(&random, key, 2);
    for (size_t i = 0; i < studies; i++) {
        struct step *steps;
        size_t count;
        struct study study;

        drawing->asked.seed = i;
        study = draw_study(drawing, &random, &steps, &count);
        count_study(drawing, &study.residency, &told);
        study_clear(&study);
        for (size_t k = 0; k < count; k++)
            switch_measurement_clear(&steps[k].measurement);
        free(steps);
    }
    return told;
}

/* Whether `count` of `studies` is too far under, or over, the target to be chance. */
static bool misses(size_t count, size_t studies, double target, bool at_least)
{
    if (at_least)
        return distribution_binomial_at_least(studies - count, studies, 1 - target) < 0.005;
    return distribution_binomial_at_least(count, studies, target) < 0.005;
}

/* What only first visits pay is lost in the noise, or among slow requests, and contradictions are
 * where switches are small. */
static bool fails_target(const struct drawing *drawing, const struct told *told)
{
    bool small = drawing->switch_s < 3 * noise * ttft_s;
    size_t none = told->rule[RESIDENCY_NONE_FITS];

    switch (drawing->policy) {
    case LRU:
    case FIFO:
        return misses(none, told->studies, 0.05, false) ||
               (!((small || drawing->slow_share > 0) && drawing->capacity == drawing->rows) &&
                misses(told->right, told->studies, 0.85, true));
    case LFU:
    case RANDOM:
    case IDLE:
        return !small &&
               misses(none + told->rule[RESIDENCY_IDLE_EXPIRY], told->studies, 0.85, true);
    default:
        return false;
    }
}

static bool print_line(struct drawing *drawing, size_t studies, uint64_t line)
{
    struct told told = tell(drawing, studies, line);
    bool fails = fails_target(drawing, &told);

    printf("  %-6s  %4zu  %8zu  %6.1f  %5.0f %%  %5zu  %5zu  %4zu %5zu %5zu %5zu %7zu%s\n",
           policy_names[drawing->policy], drawing->rows, drawing->capacity,
           drawing->switch_s / ttft_s / noise, 100 * drawing->slow_share, told.right, told.covered,
           told.rule[RESIDENCY_LRU], told.rule[RESIDENCY_FIFO], told.rule[RESIDENCY_IDLE_EXPIRY],
           told.rule[RESIDENCY_NONE_FITS], told.rule[RESIDENCY_NOT_KNOWN], fails ? "  MISSED" : "");
    fflush(stdout);
    return !fails;
}

static bool print_policy(enum policy policy, double switch_sd, double slow_share, size_t studies)
{
    static const size_t rows[] = {4, 6, 8};
    bool met = true;

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        for (size_t capacity = 2; capacity <= rows[r]; capacity += 2) {
            struct drawing drawing = {.policy = policy,
                                      .rows = rows[r],
                                      .capacity = policy == IDLE ? rows[r] : capacity,
                                      .expiry_s = (double)capacity,
                                      .switch_s = switch_sd * noise * ttft_s,
                                      .variation = 0.05,
                                      .slow_share = slow_share,
                                      .slow_by = 1.5,
                                      .asked = {ORDER_RESIDENCY, 2 * (int64_t)rows[r], false, 1}};

            if (capacity == rows[r] && policy != LRU)
                continue;
            met &= print_line(&drawing, studies,
                              (uint64_t)policy * 1000000 + (uint64_t)(switch_sd * 1000) +
                                  rows[r] * 20 + capacity + (slow_share > 0 ? 500 : 0));
        }
    }
    return met;
}

int main(int count, char **arguments)
{
    static const double switches_sd[] = {2, 5, 50};
    size_t studies = count > 1 ? (size_t)atol(arguments[1]) : 100;
    bool met = true;

    for (int i = 0; i < ROWS_MOST; i++)
        snprintf(names[i], sizeof names[i], "m%d", i);
    printf("What is told of a node's memory, by order residency, two passes for each row, %d\n"
           "steady requests, noise of 5 %%, in %zu studies each. Targets: LRU and FIFO right in "
           "85 %%, none\nfits in at most 5 %%; of LFU, random and idle unloading, none fits or "
           "idle expiry in 85 %%,\nfrom switches of 5 deviations on. Within: the 95 %% interval "
           "holds the capacity, or time.\n"
           "                    switch   slow                 told\n"
           "  policy  rows  capacity  ÷ noise   1.5 ×  right  within   LRU  FIFO  idle  none  "
           "unknown\n",
           STEADY, studies);
    for (size_t s = 0; s < sizeof switches_sd / sizeof *switches_sd; s++) {
        for (int policy = LRU; policy < POLICIES; policy++)
            met &= print_policy((enum policy)policy, switches_sd[s], 0, studies);
    }
    for (int policy = LRU; policy <= FIFO; policy++)
        met &= print_policy((enum policy)policy, 20, 0.2, studies);
    printf(met ? "All targets are met.\n" : "A target is missed.\n");
    return met ? 0 : 1;
}
