/* How well switches are found: our estimator beside the three rules of the starter kit, on steps
 * drawn from a seed, without a network.
 *
 * A node is closed loop: at concurrency c it runs batches of c, and all of a batch share one
 * server TTFT. A step's first batch waits for the switch. Noise is normal with a standard deviation
 * of 1 % or 5 %, log-normal with sigma 0.15, or normal with 1 % where 5 % of the batches stall by 4
 * to 12 standard deviations. Shifts are in standard deviations of the TTFT. The rows of a run give
 * 20 pooled degrees of freedom, or as near as their number allows.
 *
 * Usage: bench_switching [STEPS]: steps of each cell, 4000 by default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "plan/order.h"
#include "stats/batches.h"
#include "stats/distribution.h"
#include "stats/exposure.h"
#include "stats/quantile.h"
#include "stats/replicate.h"
#include "stats/study.h"
#include "stats/switching.h"

enum noise { NORMAL, LOG_NORMAL, STALLS, WIDE_NORMAL, NOISES };
static const char *const noise_words[] = {"normal, sd 1 %", "log-normal 0.15", "1 %, 5 % stall",
                                          "normal, sd 5 %"};
static const double deviations[] = {0.01, 0.15, 0.01, 0.05};
static const double prefill_s = 0.2;

static const int steadies[] = {2, 3, 5, 9, 15};
static const double shifts[] = {0, 2, 4, 6, 10, 20};
static const int concurrencies[] = {1, 4, 8, 16};

#define EACH(i, array) (size_t i = 0; i < sizeof(array) / sizeof *(array); i++)

/* --- Drawing steps -----------------------------------------------------------------------------*/

struct cell {
    enum noise noise;
    int steady, concurrency;
    double shift_s;
    double switch_share; /* of the visits that pay */
};

/* The standard deviation of a TTFT without a switch. */
static double deviation_s(enum noise noise)
{
    double sigma = deviations[noise];

    return prefill_s * (noise == LOG_NORMAL ? sqrt(exp(sigma * sigma) - 1) : sigma);
}

static double draw_ttft(enum noise noise, struct random *random)
{
    double sigma = deviations[noise];
    double ttft;

    if (noise == LOG_NORMAL)
        return prefill_s * exp(sigma * random_normal(random) - sigma * sigma / 2);
    ttft = prefill_s * (1 + sigma * random_normal(random));
    if (noise == STALLS && random_unit(random) < 0.05)
        ttft += prefill_s * sigma * (4 + 8 * random_unit(random));
    return ttft;
}

/* A step as load/ would record it; returns whether it paid. */
static bool draw_step(const struct cell *cell, struct random *random, struct outcome *outcome)
{
    bool pays = random_unit(random) < cell->switch_share;
    int64_t now_ns = 1000000000;
    size_t count = 0;

    for (int batch = 0; batch <= cell->steady; batch++) {
        double ttft = draw_ttft(cell->noise, random) + (batch == 0 && pays ? cell->shift_s : 0);

        for (int i = 0; i < cell->concurrency; i++) {
            struct outcome *one = &outcome[count];

            *one = (struct outcome){.index = count, .end = REQUEST_COMPLETED};
            for (int metric = 0; metric < METRIC_COUNT; metric++)
                one->figures.value[metric] = NAN;
            one->started_ns = one->sent_ns = now_ns;
            one->done_ns = now_ns + (int64_t)(ttft * 1e9) + 100000000;
            one->figures.value[METRIC_SERVER_TTFT_S] = ttft;
            one->figures.value[METRIC_CLIENT_TTFT_S] = ttft + 0.0005;
            one->figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = ttft + 0.0005;
            count++;
        }
        now_ns = outcome[count - 1].done_ns + 1;
    }
    return pays;
}

/* --- The kit's rules -------------------------------------------------------------------------- */

enum rule { OURS, OURS_BEFORE_HOLM, DOCUMENTED, KIT_CODE, KIT_RANGE, RULES };
static const char *const rule_words[] = {"ours", "p<.01", "3 sd", "code", "range"};

/* first − mean > mean + 3 sd, as the kit's old code had it. */
static double kit_code(const struct outcome *outcome, size_t count)
{
    double *rest = memory_new(count, sizeof *rest), mean, value;

    for (size_t i = 1; i < count; i++)
        rest[i - 1] = outcome[i].figures.value[METRIC_SERVER_TTFT_S];
    mean = quantile_mean(rest, count - 1);
    value = outcome[0].figures.value[METRIC_SERVER_TTFT_S] - mean;
    value = value > mean + 3 * quantile_stddev(rest, count - 1) ? value : 0;
    free(rest);
    return value;
}

/* The range of server TTFTs among the requests at the largest batch size: here all of them. */
static double kit_range(const struct outcome *outcome, size_t count)
{
    double least = INFINITY, most = 0;

    for (size_t i = 0; i < count; i++) {
        least = fmin(least, outcome[i].figures.value[METRIC_SERVER_TTFT_S]);
        most = fmax(most, outcome[i].figures.value[METRIC_SERVER_TTFT_S]);
    }
    return most - least;
}

/* --- Scores ----------------------------------------------------------------------------------- */

struct score {
    size_t steps, found[RULES];
    size_t covered, estimated;
    double error_s[RULES]; /* summed over all steps, found or not, of the rules that always tell */
};

enum { ROWS_MOST = 64 };

/* One run: rows of the cell, concluded together. */
struct trial {
    struct step step[ROWS_MOST * 3];
    struct study study;
    double truth_s[ROWS_MOST * 3];
    double rule_s[ROWS_MOST * 3][RULES];
    size_t rows, passes;
};

static void draw_trial(const struct cell *cell, size_t rows, size_t passes, struct random *random,
                       struct trial *trial)
{
    size_t requests = (size_t)((cell->steady + 1) * cell->concurrency);
    struct outcome *outcome = memory_new(requests, sizeof *outcome);

    *trial = (struct trial){.rows = rows, .passes = passes};
    for (size_t i = 0; i < rows * passes; i++) {
        struct step *step = &trial->step[i];
        bool pays = draw_step(cell, random, outcome);
        struct switching documented = switching_estimate(outcome, requests);

        trial->truth_s[i] = pays ? cell->shift_s : 0;
        step->index = i;
        step->predecessor = (long)i - 1;
        step->completed = requests;
        step->row = (struct row){.model_name = (char *)"m",
                                 .input_tokens = (int64_t)(i % rows),
                                 .num_requests = (int64_t)requests,
                                 .concurrent_requests = cell->concurrency};
        step->switching = documented;
        step->measurement = exposure_of(step, (struct exposure_part){outcome, requests},
                                        (struct exposure_part){NULL, 0});
        trial->rule_s[i][DOCUMENTED] =
            documented.verdict == SWITCHING_FOUND ? documented.time_s : 0;
        trial->rule_s[i][KIT_CODE] = kit_code(outcome, requests);
        trial->rule_s[i][KIT_RANGE] = kit_range(outcome, requests);
    }
    study_add(&trial->study, trial->step, rows * passes);
    study_conclude(&trial->study);
    free(outcome);
}

static void clear_trial(struct trial *trial)
{
    for (size_t i = 0; i < trial->rows * trial->passes; i++)
        switch_measurement_clear(&trial->step[i].measurement);
    study_clear(&trial->study);
}

static void score_estimate(const struct switch_estimate *estimate, double truth_s,
                           struct score *score)
{
    score->found[OURS] += estimate->verdict == SWITCH_DETECTED;
    score->found[OURS_BEFORE_HOLM] += estimate->p <= REPLICATE_LEVEL;
    score->covered += estimate->low_s <= truth_s && truth_s <= estimate->high_s;
    score->error_s[OURS] += estimate->value_s - truth_s;
    score->steps++;
}

static void score_steps(const struct trial *trial, struct score *score)
{
    for (size_t i = 0; i < trial->rows * trial->passes; i++) {
        score_estimate(&trial->step[i].estimate, trial->truth_s[i], score);
        for (int rule = DOCUMENTED; rule < RULES; rule++) {
            score->found[rule] += trial->rule_s[i][rule] > 0;
            score->error_s[rule] += trial->rule_s[i][rule] - trial->truth_s[i];
        }
    }
}

/* So many rows that their steady observations have 20 degrees of freedom. */
static size_t rows_for(int steady)
{
    size_t rows = (size_t)lround(20.0 / (steady - 1));

    return rows < 2 ? 2 : rows;
}

static struct score run_cell(const struct cell *cell, size_t steps, bool passes)
{
    const uint64_t key[] = {0x7377,
                            cell->noise,
                            (uint64_t)cell->steady,
                            (uint64_t)cell->concurrency,
                            (uint64_t)(cell->shift_s * 1e6),
                            passes};
    struct trial *trial = memory_new(1, sizeof *trial);
    struct score score = {0};
    struct random random;

    random_init(&random, key, 6);
    while (score.steps < steps) {
        draw_trial(cell, rows_for(cell->steady), passes ? 3 : 1, &random, trial);
        if (!passes)
            score_steps(trial, &score);
        for (size_t i = 0; passes && i < trial->study.rows; i++)
            score_estimate(&trial->study.row[i].estimate, trial->truth_s[i], &score);
        clear_trial(trial);
    }
    free(trial);
    return score;
}

/* --- Tables ----------------------------------------------------------------------------------- */

/* The share above which `found` of `steps` would be seen in less than 5 % of cases. */
static double upper_bound(size_t found, size_t steps)
{
    double low = 0, high = 1;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (1 - distribution_binomial_at_least(found + 1, steps, middle) > 0.05)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static double percent(size_t part, size_t all)
{
    return 100 * (double)part / (double)all;
}

/* A switch of so many standard deviations above what a first request may take more anyhow. */
static struct cell cell_of(enum noise noise, int steady, int concurrency, double shift)
{
    double shift_s = shift > 0 ? REPLICATE_NO_LOAD_S + shift * deviation_s(noise) : 0;

    return (struct cell){noise, steady, concurrency, shift_s, 1};
}

static void print_false_alarms(size_t steps)
{
    printf("\nFalse alarms without a switch, %% of %zu steps (upper 95 %% bound)\n", steps);
    printf("  %-18s %2s %3s  %-15s %-15s %6s %6s %6s   3 passes\n", "noise", "m", "c", "ours",
           "ours, p < 0.01", rule_words[DOCUMENTED], rule_words[KIT_CODE], rule_words[KIT_RANGE]);
    for (int noise = 0; noise < NOISES; noise++) {
        for
            EACH(m, steadies)
            {
            for
                EACH(c, concurrencies)
                {
                    struct cell cell = cell_of((enum noise)noise, steadies[m], concurrencies[c], 0);
                    struct score one = run_cell(&cell, steps, false);
                    struct score three = run_cell(&cell, steps, true);

                    printf("  %-18s %2d %3d ", noise_words[noise], steadies[m], concurrencies[c]);
                    for (int rule = OURS; rule <= OURS_BEFORE_HOLM; rule++)
                        printf(" %5.2f (%5.2f)  ", percent(one.found[rule], one.steps),
                               100 * upper_bound(one.found[rule], one.steps));
                    for (int rule = DOCUMENTED; rule < RULES; rule++)
                        printf(" %6.2f", percent(one.found[rule], one.steps));
                    printf("   %5.2f (%5.2f)\n", percent(three.found[OURS], three.steps),
                           100 * upper_bound(three.found[OURS], three.steps));
                }
            }
    }
}

static void print_found(size_t steps)
{
    printf("\nSwitches found, %% of %zu steps, by shift in standard deviations above 8 ms: ours, "
           "before Holm\n"
           "(p < 0.01) and after; the documented rule; the kit's code\n",
           steps);
    printf("  %-18s %2s %3s", "noise", "m", "c");
    for (size_t s = 1; s < sizeof shifts / sizeof *shifts; s++)
        printf("  %18.0f sd   ", shifts[s]);
    printf("\n");
    for (int noise = 0; noise < NOISES; noise++) {
        for
            EACH(m, steadies)
            {
            for
                EACH(c, concurrencies)
                {
                    printf("  %-18s %2d %3d", noise_words[noise], steadies[m], concurrencies[c]);
                    for (size_t s = 1; s < sizeof shifts / sizeof *shifts; s++) {
                        struct cell cell =
                            cell_of((enum noise)noise, steadies[m], concurrencies[c], shifts[s]);
                        struct score score = run_cell(&cell, steps, false);

                        printf("  %5.1f %5.1f %5.1f %5.1f",
                               percent(score.found[OURS_BEFORE_HOLM], score.steps),
                               percent(score.found[OURS], score.steps),
                               percent(score.found[DOCUMENTED], score.steps),
                               percent(score.found[KIT_CODE], score.steps));
                    }
                    printf("\n");
                }
            }
    }
}

static void print_estimates(size_t steps)
{
    printf("\nEstimates over all steps, found or not: coverage of the 95 %% interval, and bias in "
           "%% of\n"
           "the switch; ours of one visit and of three, and the rules' bias\n");
    printf("  %-18s %2s %3s %5s  %8s %7s  %8s %7s  %6s %6s %6s\n", "noise", "m", "c", "shift",
           "covered", "bias", "3 passes", "bias", rule_words[DOCUMENTED], rule_words[KIT_CODE],
           rule_words[KIT_RANGE]);
    for (int noise = 0; noise < NOISES; noise++) {
        for
            EACH(m, steadies)
            {
                for (size_t s = 0; s < 6; s += 3) {
                    for (size_t c = 0; c < 3; c += 2) {
                        struct cell cell =
                            cell_of((enum noise)noise, steadies[m], concurrencies[c], shifts[s]);
                        struct score one = run_cell(&cell, steps, false);
                        struct score three = run_cell(&cell, steps, true);
                        double scale = cell.shift_s > 0 ? 100 / cell.shift_s : NAN;

                        printf("  %-18s %2d %3d %2.0f sd  %8.1f %7.2f  %8.1f %7.2f ",
                               noise_words[noise], steadies[m], concurrencies[c], shifts[s],
                               percent(one.covered, one.steps),
                               one.error_s[OURS] / (double)one.steps * scale,
                               percent(three.covered, three.steps),
                               three.error_s[OURS] / (double)three.steps * scale);
                        for (int rule = DOCUMENTED; rule < RULES; rule++)
                            printf(" %6.1f", one.error_s[rule] / (double)one.steps * scale);
                        printf("\n");
                    }
                }
            }
    }
}

/* --- A wave, and visits that pay only sometimes ----------------------------------------------- */

/* 32 requests at concurrency 8 in batches of 8, all of the first waiting for 5 × prefill. */
static void print_wave(size_t steps)
{
    printf("\nA whole wave waits (batch 8, concurrency 8, 32 requests, switch of 5 x prefill), %% "
           "found of "
           "%zu\n",
           steps);
    for (int noise = 0; noise < NOISES; noise++) {
        struct cell cell = {(enum noise)noise, 3, 8, 5 * prefill_s, 1};
        struct score score = run_cell(&cell, steps, false);

        printf("  %-18s", noise_words[noise]);
        for (int rule = 0; rule < RULES; rule++)
            printf("  %s %.1f", rule_words[rule], percent(score.found[rule], score.steps));
        printf("; bias of ours %.2f %%\n",
               score.error_s[OURS] / (double)score.steps / cell.shift_s * 100);
    }
}

/* Half of twelve visits to a row pay. */
static void print_mixture(size_t steps)
{
    enum { VISITS = 12 };
    struct trial *trial = memory_new(1, sizeof *trial);

    printf("\nHit and miss: of %d visits each pays or not by a coin's throw (3 steady, concurrency "
           "1)\n",
           VISITS);
    for (int noise = 0; noise < NOISES; noise++) {
        for (size_t s = 3; s < sizeof shifts / sizeof *shifts; s++) {
            struct cell cell = cell_of((enum noise)noise, 3, 1, shifts[s]);
            const uint64_t key[] = {0x6d6978, (uint64_t)noise, s};
            size_t rows = 0, right = 0, off = 0, detected = 0, covered = 0;
            double error = 0;
            struct random random;

            cell.switch_share = 0.5;
            random_init(&random, key, 3);
            for (; rows < steps / VISITS; rows++) {
                size_t paid = 0;
                const struct switch_estimate *estimate;

                draw_trial(&cell, 1, VISITS, &random, trial);
                for (size_t i = 1; i < VISITS; i++) /* what ran before the first is not known */
                    paid += trial->truth_s[i] > 0;
                estimate = &trial->study.row[0].estimate;
                right += estimate->switched == paid;
                off += estimate->switched > paid ? estimate->switched - paid
                                                 : paid - estimate->switched;
                detected += estimate->verdict == SWITCH_DETECTED;
                covered += estimate->verdict == SWITCH_DETECTED &&
                           estimate->low_s <= cell.shift_s && cell.shift_s <= estimate->high_s;
                if (estimate->verdict == SWITCH_DETECTED)
                    error += (estimate->value_s - cell.shift_s) / cell.shift_s;
                clear_trial(trial);
            }
            printf(
                "  %-18s %2.0f sd: count right %5.1f %%, off by %.2f of %d on average; cost off by "
                "%.1f %%, covered %.1f %%\n",
                noise_words[noise], shifts[s], percent(right, rows), (double)off / (double)rows,
                VISITS, detected ? 100 * error / (double)detected : NAN,
                detected ? percent(covered, detected) : NAN);
        }
    }
    free(trial);
}

/* Each ordered pair of a circuit exactly once. */
static void print_circuits(void)
{
    size_t wrong = 0;

    for (size_t count = 2; count <= 40; count++) {
        struct rows rows = {.row = memory_new(count, sizeof *rows.row), .count = count};
        struct order_asked asked = {ORDER_ALL_PAIRS, 1, false, count};
        struct order order;
        struct order_pairs pairs;
        struct error error;

        order_make(&rows, &asked, &order, &error);
        pairs = order_count_pairs(&order);
        wrong += pairs.visited != count * (count - 1) || pairs.least != 1 || pairs.most != 1 ||
                 pairs.self != 0 || order.count != pairs.possible + 1;
        order_clear(&order);
        free(rows.row);
    }
    printf("\nall-pairs: every ordered pair of n rows exactly once, for n = 2 … 40: %s\n",
           wrong ? "NO" : "yes");
}

int main(int count, char **arguments)
{
    size_t steps = count > 1 ? (size_t)atol(arguments[1]) : 4000;

    print_false_alarms(steps);
    print_found(steps);
    print_estimates(steps);
    print_wave(steps);
    print_mixture(5 * steps);
    print_circuits();
    return 0;
}
