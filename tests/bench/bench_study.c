/* What a study of switches promises and finds, on visits drawn from a seed, without a network: how
 * often the switch that `plan --resolve` names is found.
 *
 * Usage: bench_study [STUDIES]: studies of each line, 100 by default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "plan/order.h"
#include "stats/replicate.h"
#include "stats/study.h"

enum { ROWS_MOST = 12 };
static const double ttft_s = 0.1;
static char names[ROWS_MOST][4];

/* --- A node, followed ------------------------------------------------------------------------- */

/* Which of its rows it holds; by LRU or FIFO the one that came or was used longest ago leaves. */
struct node {
    size_t capacity, clock, since[ROWS_MOST];
    bool lru;
};

static bool node_visit(struct node *node, size_t row)
{
    bool pays = node->since[row] == 0;
    size_t held = 0, oldest = row;

    node->clock++;
    for (size_t i = 0; i < ROWS_MOST; i++) {
        held += node->since[i] > 0;
        if (node->since[i] > 0 && (oldest == row || node->since[i] < node->since[oldest]))
            oldest = i;
    }
    if (pays && held >= node->capacity)
        node->since[oldest] = 0;
    if (pays || node->lru)
        node->since[row] = node->clock;
    return pays;
}

/* --- A study, drawn --------------------------------------------------------------------------- */

struct drawing {
    size_t rows, capacity;
    int steady;
    double spread, switch_s, stalls; /* the share of requests that take 4 to 12 deviations more */
    bool lru;
    struct order_asked asked;
};

static double draw_ttft(const struct drawing *drawing, struct random *random)
{
    double ttft = ttft_s * exp(drawing->spread * random_normal(random));

    if (random_unit(random) < drawing->stalls)
        ttft += ttft_s * drawing->spread * (4 + 8 * random_unit(random));
    return ttft;
}

static struct switch_side draw_side(const struct drawing *drawing, bool pays, struct random *random)
{
    struct switch_side side = {.steady = (size_t)drawing->steady};
    double logs = 0, squares = 0;

    for (int i = 0; i < drawing->steady; i++) {
        double value = draw_ttft(drawing, random);

        side.steady_s += value / drawing->steady;
        logs += log(value);
        squares += log(value) * log(value);
    }
    side.exposed_s = draw_ttft(drawing, random) + (pays ? drawing->switch_s : 0);
    side.log_ratio = log(side.exposed_s) - logs / drawing->steady;
    side.log_squares = squares - logs * logs / drawing->steady;
    return side;
}

/* A concluded study; its steps are given too, to free after it. */
static struct study draw_study(const struct drawing *drawing, struct random *random,
                               struct step **steps)
{
    struct row *row = memory_new(drawing->rows, sizeof *row);
    const struct rows rows = {.row = row, .count = drawing->rows};
    struct node node = {.capacity = drawing->capacity, .lru = drawing->lru};
    struct study study = {0};
    struct order order;
    struct error error;

    if (!order_make(&rows, &drawing->asked, &order, &error))
        exit(1);
    *steps = memory_new(order.count, sizeof **steps);
    for (size_t i = 0; i < order.count; i++) {
        struct step *step = &(*steps)[i];

        *step = (struct step){.index = i,
                              .predecessor = (long)i - 1,
                              .completed = 1,
                              .weight_gb = NAN,
                              .node_gb_per_s = NAN,
                              .call_share = NAN,
                              .row = {.model_name = names[order.visit[i].row]},
                              .switching.verdict = SWITCHING_BURST};
        step->measurement.side[SWITCH_SERVER] =
            draw_side(drawing, node_visit(&node, order.visit[i].row), random);
    }
    study_add(&study, *steps, order.count);
    study_conclude(&study);
    order_clear(&order);
    free(row);
    return study;
}

/* --- What plan promises ----------------------------------------------------------------------- */

/* The switch that all pairs are to show, as `plan --resolve` has it (design/proposal.c). */
static double promised_s(const struct drawing *drawing)
{
    double pairs = (double)(drawing->rows * (drawing->rows - 1));
    double passes = (double)drawing->asked.passes;

    return replicate_seen_s(ttft_s * drawing->spread *
                                replicate_smallest(drawing->steady,
                                                   pairs * passes * (drawing->steady - 1),
                                                   (size_t)passes, REPLICATE_LEVEL / pairs),
                            ttft_s);
}

/* Draws one study and counts its pairs, and those whose switch was found. */
static void count_found(const struct drawing *drawing, struct random *random, size_t *all,
                        size_t *found)
{
    struct step *steps;
    struct study study = draw_study(drawing, random, &steps);

    for (size_t t = 0; t < study.transitions; t++) {
        if (!study.transition[t].from)
            continue;
        ++*all;
        *found += study.transition[t].estimate.verdict == SWITCH_DETECTED;
    }
    study_clear(&study);
    free(steps);
}

/* One line: the share of pairs found, without stalls and with. */
static void print_promised(struct drawing drawing, size_t p, size_t m, size_t studies)
{
    size_t found[2] = {0}, all = 0;
    struct random random;

    drawing.switch_s = promised_s(&drawing);
    for (int stalls = 0; stalls < 2; stalls++) {
        const uint64_t key[] = {0x70726f, p, m, (uint64_t)stalls};

        random_init(&random, key, 4);
        drawing.stalls = stalls ? 0.05 : 0;
        all = 0;
        for (size_t i = 0; i < studies / 10; i++) {
            drawing.asked.seed = i;
            count_found(&drawing, &random, &all, &found[stalls]);
        }
    }
    printf("  %6lld  %6d  %4.0f %%  %5.1f ms  %5.1f %%  %5.1f %%\n",
           (long long)drawing.asked.passes, drawing.steady, 100 * drawing.spread,
           1000 * drawing.switch_s, 100 * (double)found[0] / (double)all,
           100 * (double)found[1] / (double)all);
}

static void print_promise(size_t studies)
{
    static const int64_t passes[] = {1, 2, 3, 5, 12, 40};
    static const int steady[] = {2, 5, 10};

    printf("What plan --resolve promises: pairs of 5 rows that show the switch it names, after "
           "Holm;\n80 %% is promised\n"
           "  passes  steady  spread   switch    found   with 5 %% of stalls\n");
    for (size_t p = 0; p < sizeof passes / sizeof *passes; p++) {
        for (size_t m = 0; m < sizeof steady / sizeof *steady; m++)
            print_promised((struct drawing){.rows = 5,
                                            .capacity = 1,
                                            .steady = steady[m],
                                            .spread = 0.05,
                                            .lru = true,
                                            .asked = {ORDER_ALL_PAIRS, passes[p], false, 1}},
                           p, m, studies);
    }
}

int main(int count, char **arguments)
{
    size_t studies = count > 1 ? (size_t)atol(arguments[1]) : 100;

    for (int i = 0; i < ROWS_MOST; i++)
        snprintf(names[i], sizeof names[i], "m%d", i);
    print_promise(studies);
    return 0;
}
