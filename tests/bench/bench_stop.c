/* How long studies take that go on until they are sure (stop_when), and how often they are wrong
 * then, on steps drawn from a seed, without a network.
 *
 * Five rows at concurrency 1, one exposed and five steady requests a visit, at most 12 passes, a
 * wanted half width of 10 %, of rows that are shuffled or of pairs in circuits. Each visit pays a
 * switch of so many TTFTs that varies by so much from visit to visit (log-normal, of that mean), or
 * none does. TTFTs are normal with a standard deviation of 2 % or 5 %, log-normal with sigma 0.15,
 * or bimodal: 2 %, and 20 % take half as long again, as of a second, slower replica. After each
 * pass from the second on the study is concluded from anew, at the level of 12 looks.
 *
 * Targets: three passes on average where TTFTs and a switch of one TTFT vary by 2 %, where nine
 * were fixed; intervals hold the truth in 93 % of cases (90 % where switches vary by more than
 * 20 %); of 5 % of studies at most it is said that a row has a switch that has none, or none that
 * has one. A cell fails only where the 99 % interval of what was counted excludes the target.
 *
 * Usage: bench_stop [STUDIES]: of each cell, 500 by default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "plan/order.h"
#include "stats/distribution.h"
#include "stats/enough.h"
#include "stats/exposure.h"
#include "stats/study.h"

enum noise { NORMAL_2, NORMAL_5, LOG_NORMAL, BIMODAL };
static const char *const noise_words[] = {"normal 2 %", "normal 5 %", "log-normal .15", "bimodal"};

enum { ROWS = 5, REQUESTS = 6, PASSES_MOST = 12, FIRST_LOOK = 2 };
enum { STEPS_MOST = ROWS * (ROWS - 1) * PASSES_MOST + 1 };
static const double ttft_s = 0.2, half_width = 0.1;

static const struct cell {
    bool pairs;
    enum noise noise;
    double shift;  /* in TTFTs; 0: nothing is paid */
    double spread; /* of the switch, as a share of it */
    double passes; /* on average, the target; 0: none */
} cells[] = {
    {false, NORMAL_2, 1, 0, 3},      {false, NORMAL_2, 1, 0.02, 3}, {false, NORMAL_2, 1, 0.05, 0},
    {false, NORMAL_2, 5, 0.02, 3},   {false, NORMAL_2, 5, 0.2, 0},  {false, NORMAL_2, 5, 0.5, 0},
    {false, NORMAL_5, 1, 0.02, 0},   {false, NORMAL_5, 5, 0.02, 3}, {false, LOG_NORMAL, 1, 0.02, 0},
    {false, LOG_NORMAL, 5, 0.02, 0}, {false, BIMODAL, 1, 0.02, 0},  {false, BIMODAL, 5, 0.02, 0},
    {true, NORMAL_2, 1, 0, 3},       {true, NORMAL_2, 1, 0.02, 3},  {true, NORMAL_2, 1, 0.05, 0},
    {true, NORMAL_5, 1, 0.02, 0},    {true, NORMAL_2, 5, 0.2, 0},   {false, NORMAL_2, 0, 0, 0},
    {false, NORMAL_5, 0, 0, 0},      {false, LOG_NORMAL, 0, 0, 0},  {false, BIMODAL, 0, 0, 0},
};

/* --- Drawing ---------------------------------------------------------------------------------- */

static double draw_log_normal(double mean, double share, struct random *random)
{
    double sigma = sqrt(log1p(share * share));

    return mean * exp(sigma * random_normal(random) - sigma * sigma / 2);
}

static double draw_ttft(enum noise noise, struct random *random)
{
    double slower = noise == BIMODAL && random_unit(random) < 0.2 ? 1.5 : 1;

    if (noise == LOG_NORMAL)
        return ttft_s * exp(0.15 * random_normal(random) - 0.15 * 0.15 / 2);
    return ttft_s * slower * (1 + (noise == NORMAL_5 ? 0.05 : 0.02) * random_normal(random));
}

/* One run, of all passes; it is looked at as if it had fewer. */
struct trial {
    struct order order;
    struct step step[STEPS_MOST];
    struct outcome outcome[STEPS_MOST][REQUESTS];
};

static void draw_requests(const struct cell *cell, struct random *random, int64_t *now_ns,
                          struct outcome *outcome)
{
    double paid_s =
        cell->shift > 0 ? draw_log_normal(cell->shift * ttft_s, cell->spread, random) : 0;

    for (size_t i = 0; i < REQUESTS; i++) {
        double ttft = draw_ttft(cell->noise, random) + (i == 0 ? paid_s : 0);

        outcome[i] = (struct outcome){.index = i, .end = REQUEST_COMPLETED};
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            outcome[i].figures.value[metric] = NAN;
        outcome[i].started_ns = outcome[i].sent_ns = *now_ns;
        outcome[i].done_ns = *now_ns + (int64_t)(ttft * 1e9) + 100000000;
        outcome[i].figures.value[METRIC_SERVER_TTFT_S] = ttft;
        outcome[i].figures.value[METRIC_CLIENT_TTFT_S] = ttft + 0.0005;
        outcome[i].figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = ttft + 0.0005;
        *now_ns = outcome[i].done_ns + 1;
    }
}

static void make_order(const struct cell *cell, struct random *random, struct order *order)
{
    struct row row[ROWS] = {{0}};
    const struct rows rows = {.row = row, .count = ROWS};
    const struct order_asked asked = {.kind = cell->pairs ? ORDER_ALL_PAIRS : ORDER_SHUFFLE,
                                      .passes = PASSES_MOST,
                                      .seed = random_below(random, 1000000)};
    struct error error;

    order_make(&rows, &asked, order, &error);
}

/* Clear it. */
static void draw_trial(const struct cell *cell, struct random *random, struct trial *trial)
{
    int64_t now_ns = 1000000000;

    make_order(cell, random, &trial->order);
    for (size_t i = 0; i < trial->order.count; i++) {
        draw_requests(cell, random, &now_ns, trial->outcome[i]);
        trial->step[i] = (struct step){.index = i,
                                       .predecessor = (long)i - 1,
                                       .completed = REQUESTS,
                                       .weight_gb = NAN,
                                       .node_gb_per_s = NAN,
                                       .call_share = NAN,
                                       .switching.verdict = SWITCHING_BURST,
                                       .row = {.model_name = (char *)"m",
                                               .input_tokens = (int64_t)trial->order.visit[i].row,
                                               .num_requests = REQUESTS,
                                               .concurrent_requests = 1}};
    }
}

static void clear_trial(struct trial *trial)
{
    for (size_t i = 0; i < trial->order.count; i++)
        switch_measurement_clear(&trial->step[i].measurement);
    order_clear(&trial->order);
}

/* How many steps so many passes have. */
static size_t steps_of(const struct order *order, size_t passes)
{
    size_t steps = 0;

    while (steps < order->count && order->visit[steps].pass <= passes)
        steps++;
    return steps;
}

/* --- Looks ------------------------------------------------------------------------------------ */

struct score {
    size_t studies, sure;
    double passes, passes_squared;
    size_t rows, covered, found; /* of the rows, or pairs, at their studies' ends */
    size_t wrong;                /* studies that say of a row what is not so */
};

/* What the study would say after so many passes. Clear it. */
static void conclude(struct trial *trial, size_t passes, struct study *study)
{
    size_t steps = steps_of(&trial->order, passes);

    *study = (struct study){.looks = PASSES_MOST};
    for (size_t i = 0; i < steps; i++) {
        struct step *step = &trial->step[i];

        switch_measurement_clear(&step->measurement);
        step->measurement = exposure_of(step, (struct exposure_part){trial->outcome[i], REQUESTS},
                                        (struct exposure_part){NULL, 0});
    }
    study_add(study, trial->step, steps);
    study_conclude(study);
}

static void score_end(const struct cell *cell, const struct study *study, struct score *score)
{
    const struct study_group *group = cell->pairs ? study->transition : study->row;
    size_t groups = cell->pairs ? study->transitions : study->rows;
    double truth_s = cell->shift * ttft_s;
    bool wrong = false;

    for (size_t i = 0; i < groups; i++) {
        const struct study_group *row = &group[i];
        bool found = row->estimate.verdict == SWITCH_DETECTED;

        if (cell->pairs && !row->from)
            continue;
        score->rows++;
        score->found += found;
        if (found)
            score->covered += row->cost.cost_low_s <= truth_s && truth_s <= row->cost.cost_high_s;
        wrong |= found != (truth_s > 0) && row->estimate.verdict <= SWITCH_NOT_DETECTED;
    }
    score->wrong += wrong;
}

static void run_study(const struct cell *cell, struct random *random, struct trial *trial,
                      struct score *score)
{
    struct study study = {0};
    size_t passes = FIRST_LOOK - 1;
    bool sure = false;

    draw_trial(cell, random, trial);
    while (!sure && passes < PASSES_MOST) {
        struct enough enough;

        study_clear(&study);
        conclude(trial, ++passes, &study);
        enough = enough_count(&study, half_width, cell->pairs);
        sure = enough_is(&enough);
    }
    score->studies++;
    score->sure += sure;
    score->passes += (double)passes;
    score->passes_squared += (double)(passes * passes);
    score_end(cell, &study, score);
    study_clear(&study);
    clear_trial(trial);
}

/* --- Targets ---------------------------------------------------------------------------------- */

/* Whether so many of so many are shown to be more than `share`, at 99 %. */
static bool is_above(size_t count, size_t all, double share)
{
    return count > 0 && distribution_binomial_at_least(count, all, share) < 0.005;
}

static double average_passes(const struct score *score)
{
    return score->passes / (double)score->studies;
}

static bool takes_too_long(const struct cell *cell, const struct score *score)
{
    double n = (double)score->studies, mean = average_passes(score);
    double variance = (score->passes_squared / n - mean * mean) / (n - 1);

    return cell->passes > 0 && mean - 2.576 * sqrt(fmax(0, variance)) > cell->passes;
}

/* Prints what fails; whether anything does. */
static bool judge(const struct cell *cell, const struct score *score)
{
    double missed = cell->spread > 0.2 ? 0.1 : 0.07;
    bool long_one = takes_too_long(cell, score);
    bool uncovered =
        cell->shift > 0 && is_above(score->found - score->covered, score->found, missed);
    bool wrong = is_above(score->wrong, score->studies, 0.05);

    printf("%s%s%s\n", long_one ? "  FAILS: passes" : "", uncovered ? "  FAILS: covered" : "",
           wrong ? "  FAILS: wrong" : "");
    return long_one || uncovered || wrong;
}

static double percent(size_t part, size_t all)
{
    return all > 0 ? 100 * (double)part / (double)all : NAN;
}

static bool run_cell(size_t number, size_t studies, struct trial *trial)
{
    const struct cell *cell = &cells[number];
    const uint64_t key[] = {0x73746f70, number};
    struct score score = {0};
    struct random random;

    random_init(&random, key, 2);
    while (score.studies < studies)
        run_study(cell, &random, trial, &score);
    printf("  %-5s %-15s %5.0f %7.0f %8.2f %7.1f %7.1f %8.1f %7.1f", cell->pairs ? "pairs" : "rows",
           noise_words[cell->noise], cell->shift, 100 * cell->spread, average_passes(&score),
           percent(score.sure, score.studies), percent(score.found, score.rows),
           percent(score.covered, score.found), percent(score.wrong, score.studies));
    return judge(cell, &score);
}

int main(int count, char **arguments)
{
    size_t studies = count > 1 ? (size_t)atol(arguments[1]) : 500;
    struct trial *trial = memory_new(1, sizeof *trial);
    bool fails = false;

    printf("Studies with stop_when: {half_width: 0.1, at_most_passes: 12}, %zu a cell: passes on\n"
           "average, %% that were sure by then; of their rows or pairs, %% found, and of those %% "
           "whose\ninterval holds the truth; %% of studies that say of one what is not so\n"
           "  %-5s %-15s %5s %7s %8s %7s %7s %8s %7s\n",
           studies, "of", "TTFTs", "shift", "varies", "passes", "sure", "found", "covered",
           "wrong");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        fails |= run_cell(i, studies, trial);
    free(trial);
    return fails;
}
