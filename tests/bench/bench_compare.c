/* How often a comparison of releases says what is true, on values drawn from a seed: releases that
 * are equal, and some percent slower, by so many runs of so many requests, at a margin of 5 %; and
 * switches that are equal, dearer or gone.
 *
 * Requests vary by 10 % (log-normal) around their run, alone or so that each is like the one before
 * (AR), runs by 2 % around their release, in every line. Switches vary by 10 %.
 *
 * A cell fails where the 99 % binomial interval of what was counted excludes its target; then the
 * exit status is 1.
 *
 * Usage: bench_compare [PAIRS]: of each line, 1000 by default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/comparison_switch.h"
#include "stats/distribution.h"
#include "stats/study.h"

enum { RUNS_MOST = 10, REQUESTS_MOST = 1000, SHOWN = 4 };

static const double margin = 0.05, confidence = 0.95;

/* --- Targets ---------------------------------------------------------------------------------- */

static size_t failed_cells;

/* One-sided at 0.005: the end of a 99 % interval (Clopper and Pearson). */
static void check_most(const char *name, size_t count, size_t of, double most)
{
    bool fails = distribution_binomial_at_least(count, of, most) < 0.005;

    failed_cells += fails;
    printf("    %-4s  %-58s %5.1f %%, at most %.1f\n", fails ? "FAIL" : "ok", name,
           100 * (double)count / (double)of, 100 * most);
}

static void check_least(const char *name, size_t count, size_t of, double least)
{
    bool fails = 1 - distribution_binomial_at_least(count + 1, of, least) < 0.005;

    failed_cells += fails;
    printf("    %-4s  %-58s %5.1f %%, at least %.1f\n", fails ? "FAIL" : "ok", name,
           100 * (double)count / (double)of, 100 * least);
}

/* --- Requests --------------------------------------------------------------------------------- */

struct cell {
    size_t base_runs, candidate_runs, requests;
    double correlation; /* of a request with the one before */
};

struct drawn {
    double value[RUNS_MOST][REQUESTS_MOST];
    struct comparison_run run[RUNS_MOST];
};

static struct comparison_side draw(struct drawn *drawn, const struct cell *cell, size_t runs,
                                   struct random *random)
{
    for (size_t i = 0; i < runs; i++) {
        double of_run = 0.2 * exp(0.02 * random_normal(random)), off = random_normal(random);

        for (size_t k = 0; k < cell->requests; k++) {
            drawn->value[i][k] = of_run * exp(0.1 * off);
            off = cell->correlation * off +
                  sqrt(1 - cell->correlation * cell->correlation) * random_normal(random);
        }
        drawn->run[i] = (struct comparison_run){drawn->value[i], cell->requests};
    }
    return (struct comparison_side){drawn->run, runs};
}

struct tally {
    size_t pairs, shown[SHOWN], covered;
};

static const double slower[] = {0, 0.02, 0.05, 0.08, 0.10, 0.15};
enum { SLOWER = sizeof slower / sizeof *slower, EQUAL = 0, AT_MARGIN = 2, TWICE_MARGIN = 4 };

/* What is seen of a cell. */
struct seen {
    struct tally tally[SLOWER], without; /* a margin, of equal ones */
};

/* The same pair, its candidate slower: the ratio's logarithm moves, and its error stays. */
static void count(const struct comparison *equal, double by, double allowed, struct tally *tally)
{
    const struct comparison_asked asked = {.confidence = confidence};
    double worse = log(equal->change) + log1p(by);
    const struct comparison_distance distance = {worse, equal->error, worse - log1p(allowed),
                                                 equal->error, equal->df};
    struct comparison moved = *equal;

    comparison_conclude(&asked, &distance, &moved);
    tally->pairs++;
    tally->shown[comparison_shows(&moved, moved.p_regressed, confidence)]++;
    tally->covered += equal->low <= 1 && 1 <= equal->high;
}

static struct comparison compare_pair(const struct cell *cell, uint64_t pair, struct drawn *drawn,
                                      struct random *random)
{
    const struct comparison_asked asked = {.quantile = 0.5,
                                           .lower_is_better = true,
                                           .margin = margin,
                                           .confidence = confidence,
                                           .resamples = 300,
                                           .key = &pair,
                                           .keys = 1};
    struct comparison_side base = draw(&drawn[0], cell, cell->base_runs, random);
    struct comparison_side candidate = draw(&drawn[1], cell, cell->candidate_runs, random);

    return comparison_of(&base, &candidate, &asked);
}

static struct seen compare(const struct cell *cell, size_t pairs)
{
    const uint64_t drawing[] = {0x636d70, cell->base_runs, cell->candidate_runs, cell->requests,
                                (uint64_t)(1000 * cell->correlation)};
    struct drawn *drawn = memory_new(2, sizeof *drawn);
    struct seen seen = {0};
    struct random random;

    random_init(&random, drawing, 5);
    for (uint64_t pair = 0; pair < pairs; pair++) {
        struct comparison comparison = compare_pair(cell, pair, drawn, &random);

        count(&comparison, 0, 0, &seen.without);
        for (size_t i = 0; i < SLOWER; i++)
            count(&comparison, slower[i], margin, &seen.tally[i]);
    }
    free(drawn);
    return seen;
}

static double percent(size_t count, const struct tally *tally)
{
    return 100 * (double)count / (double)tally->pairs;
}

static size_t passed(const struct tally *tally)
{
    return tally->shown[COMPARISON_SHOWS_WITHIN] + tally->shown[COMPARISON_SHOWS_IMPROVEMENT];
}

static void print_cell(const struct cell *cell, const struct seen *seen)
{
    printf("  %2zu, %-2zu %8zu  %3g  %9.1f  %5.1f", cell->base_runs, cell->candidate_runs,
           cell->requests, cell->correlation,
           percent(seen->without.shown[COMPARISON_SHOWS_REGRESSION], &seen->without),
           percent(seen->without.covered, &seen->without));
    for (size_t i = 0; i < SLOWER; i++)
        printf("   %5.1f %5.1f",
               percent(seen->tally[i].shown[COMPARISON_SHOWS_REGRESSION], &seen->tally[i]),
               percent(passed(&seen->tally[i]), &seen->tally[i]));
    printf("\n");
}

/* Where runs are the unit each end of the margin is held at 5 %; where requests are, only what
 * lies past what runs differ by. */
static void check_cell(const struct cell *cell, const struct seen *seen)
{
    const struct tally *equal = &seen->tally[EQUAL], *at = &seen->tally[AT_MARGIN];
    size_t wrong =
        equal->shown[COMPARISON_SHOWS_REGRESSION] + equal->shown[COMPARISON_SHOWS_IMPROVEMENT];

    check_most("equal: regressed or improved", wrong, equal->pairs, 0.05);
    if (cell->correlation > 0)
        check_most("twice the margin slower: passed", passed(&seen->tally[TWICE_MARGIN]),
                   equal->pairs, 0.015);
    if (!comparison_is_by_runs(cell->base_runs, cell->candidate_runs))
        return;
    check_most("equal, no margin: regressed", seen->without.shown[COMPARISON_SHOWS_REGRESSION],
               equal->pairs, 0.05);
    check_least("equal: the 95 % interval holds it", equal->covered, equal->pairs, 0.95);
    check_most("at the margin: passed", passed(at), equal->pairs, 0.05);
}

static void compare_requests(size_t pairs)
{
    static const struct cell cells[] = {
        {1, 1, 20, 0}, {1, 1, 60, 0}, {1, 1, 200, 0}, {1, 1, 1000, 0}, {1, 1, 200, 0.9},
        {1, 2, 60, 0}, {1, 3, 60, 0}, {5, 1, 60, 0},  {2, 2, 60, 0},   {2, 3, 200, 0.9},
        {3, 3, 60, 0}, {5, 5, 60, 0}, {10, 10, 60, 0}};

    printf("Medians of two releases, %zu pairs each: %% called regressed, %% passed (the rest is "
           "inconclusive)\nat a margin of 5 %%, one line alone; of equal ones also %% called "
           "regressed without a margin, and\n%% whose 95 %% interval holds 1\n   runs  "
           "requests   AR  no margin  holds",
           pairs);
    for (size_t s = 0; s < SLOWER; s++)
        printf("  %3.0f %% slower", 100 * slower[s]);
    printf("\n");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct seen seen = compare(&cells[i], pairs);

        print_cell(&cells[i], &seen);
        check_cell(&cells[i], &seen);
    }
}

/* --- Switches --------------------------------------------------------------------------------- */

enum { ROWS = 5, PASSES = 3, STEADY = 5, VISITS = ROWS * PASSES, MEASURES = 3 };
static const double ttft_s = 0.1, ttft_spread = 0.03, cost_s = 0.5, cost_spread = 0.1;
static char models[ROWS][2] = {"a", "b", "c", "d", "e"};
static const char *const measures[MEASURES] = {"switch_s", "switch_paid_share",
                                               "switch_s_per_visit"};

static double draw_ttft(struct random *random)
{
    return ttft_s * exp(ttft_spread * random_normal(random));
}

static struct switch_side draw_visit(double paying, double cost, struct random *random)
{
    struct switch_side side = {.steady = STEADY};
    double logs = 0, squares = 0;

    for (int i = 0; i < STEADY; i++) {
        double value = draw_ttft(random);

        side.steady_s += value / STEADY;
        logs += log(value);
        squares += log(value) * log(value);
    }
    side.exposed_s = draw_ttft(random);
    if (random_unit(random) < paying)
        side.exposed_s += cost * exp(cost_spread * random_normal(random));
    side.log_ratio = log(side.exposed_s) - logs / STEADY;
    side.log_squares = squares - logs * logs / STEADY;
    return side;
}

/* A release: runs of all rows, pass after pass, where a visit pays by chance. */
struct studied {
    struct step step[RUNS_MOST][VISITS];
    struct study study;
};

static void draw_release(struct studied *studied, size_t runs, double paying, double cost,
                         struct random *random)
{
    for (size_t run = 0; run < runs; run++) {
        for (size_t i = 0; i < VISITS; i++) {
            struct step *step = &studied->step[run][i];

            *step = (struct step){.index = i,
                                  .predecessor = (long)i - 1,
                                  .completed = 1,
                                  .weight_gb = NAN,
                                  .node_gb_per_s = NAN,
                                  .call_share = NAN,
                                  .row = {.model_name = models[i % ROWS]},
                                  .switching.verdict = SWITCHING_BURST};
            step->measurement.side[SWITCH_SERVER] = draw_visit(paying, cost, random);
        }
        study_add(&studied->study, studied->step[run], VISITS);
    }
    study_conclude(&studied->study);
}

static struct comparison_visits visits_of(const struct study_group *row)
{
    const struct study_cost *cost = &row->cost;

    return (struct comparison_visits){(double)cost->paid,
                                      (double)cost->not_paid,
                                      (double)(cost->visits - cost->paid - cost->not_paid),
                                      cost->cost_s,
                                      cost->error_s,
                                      cost->df};
}

static void count_row(const struct study_group *base, const struct study_group *candidate,
                      struct tally tallies[MEASURES])
{
    const struct comparison_asked asked = {
        .lower_is_better = true, .margin = margin, .confidence = confidence};
    struct comparison_visits before = visits_of(base), now = visits_of(candidate);
    struct comparison compared[MEASURES] = {comparison_of_costs(&before, &now, &asked),
                                            comparison_of_paid_shares(&before, &now, &asked),
                                            comparison_of_visits(&before, &now, &asked)};

    for (int i = 0; i < MEASURES; i++) {
        double equal = compared[i].by_difference ? 0 : 1;

        if (isnan(compared[i].base))
            continue;
        tallies[i].pairs++;
        tallies[i].shown[comparison_shows(&compared[i], compared[i].p_regressed, confidence)]++;
        tallies[i].covered += compared[i].low <= equal && equal <= compared[i].high;
    }
}

struct switches {
    const char *name;
    size_t runs;
    double base, candidate; /* how likely a visit is to pay */
    double dearer;          /* candidate's cost ÷ base's */
};

static void compare_releases(const struct switches *switches, size_t pairs,
                             struct tally tallies[MEASURES])
{
    const uint64_t drawing[] = {0x737769, switches->runs, (uint64_t)(100 * switches->base),
                                (uint64_t)(100 * switches->candidate),
                                (uint64_t)(100 * switches->dearer)};
    struct random random;

    random_init(&random, drawing, 5);
    for (size_t pair = 0; pair < pairs; pair++) {
        struct studied *sides = memory_new(2, sizeof *sides);

        draw_release(&sides[0], switches->runs, switches->base, cost_s, &random);
        draw_release(&sides[1], switches->runs, switches->candidate, cost_s * switches->dearer,
                     &random);
        for (size_t row = 0; row < ROWS; row++)
            count_row(&sides[0].study.row[row], &sides[1].study.row[row], tallies);
        study_clear(&sides[0].study);
        study_clear(&sides[1].study);
        free(sides);
    }
}

static void check_switches(const struct switches *switches, int measure, const struct tally *tally)
{
    size_t improved = tally->shown[COMPARISON_SHOWS_IMPROVEMENT];
    size_t wrong = tally->shown[COMPARISON_SHOWS_REGRESSION] + improved;

    if (switches->dearer > 1) {
        if (measure == 0)
            check_least("dearer: regressed", tally->shown[COMPARISON_SHOWS_REGRESSION],
                        tally->pairs, 0.8);
    } else if (switches->base == switches->candidate) {
        check_most("equal: regressed or improved", wrong, tally->pairs, 0.05);
        check_least("equal: the 95 % interval holds it", tally->covered, tally->pairs, 0.93);
    } else if (measure > 0) {
        check_least("vanished: improved", improved, tally->pairs, 0.95);
    }
}

static void compare_switches(size_t pairs)
{
    static const struct switches cells[] = {
        {"all visits pay", 1, 1, 1, 1},       {"all visits pay", 2, 1, 1, 1},
        {"all visits pay", 3, 1, 1, 1},       {"half of them pay", 2, 0.5, 0.5, 1},
        {"half as dear again", 2, 1, 1, 1.5}, {"none pays now", 2, 1, 0, 1}};

    printf("\nSwitches of %d rows, %d visits a run, that vary by 10 %%, %zu pairs each: %% of "
           "lines\n  runs                                          lines  regressed  passed  "
           "improved\n",
           ROWS, PASSES, pairs);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct tally tallies[MEASURES] = {{0}};

        compare_releases(&cells[i], pairs, tallies);
        for (int k = 0; k < MEASURES; k++) {
            const struct tally *tally = &tallies[k];

            if (tally->pairs == 0)
                continue;
            printf("  %4zu  %-18s  %-18s  %6zu  %9.1f  %6.1f  %8.1f\n", cells[i].runs,
                   cells[i].name, measures[k], tally->pairs,
                   percent(tally->shown[COMPARISON_SHOWS_REGRESSION], tally),
                   percent(tally->shown[COMPARISON_SHOWS_WITHIN], tally),
                   percent(tally->shown[COMPARISON_SHOWS_IMPROVEMENT], tally));
            check_switches(&cells[i], k, tally);
        }
    }
}

int main(int words, char **arguments)
{
    size_t pairs = words > 1 ? (size_t)atol(arguments[1]) : 1000;

    compare_requests(pairs);
    compare_switches(pairs);
    printf(failed_cells ? "%zu cells fail\n" : "all cells keep their targets\n", failed_cells);
    return failed_cells > 0;
}
