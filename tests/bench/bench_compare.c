/* How often a comparison of releases says what is true, on values drawn from a seed: releases that
 * are equal, and some percent slower, by so many runs of so many requests, at a margin of 5 %.
 *
 * Requests vary by 10 % (log-normal) around their run, runs by 2 % around their release.
 *
 * Usage: bench_compare [PAIRS]: of each line, 1000 by default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/comparison.h"

enum { RUNS_MOST = 10, REQUESTS_MOST = 1000 };

struct drawn {
    double value[RUNS_MOST][REQUESTS_MOST];
    struct comparison_run run[RUNS_MOST];
};

static struct comparison_side draw(struct drawn *drawn, size_t runs, size_t requests, double middle,
                                   struct random *random)
{
    for (size_t i = 0; i < runs; i++) {
        double of_run = middle * exp((runs > 1 ? 0.02 : 0) * random_normal(random));

        for (size_t k = 0; k < requests; k++)
            drawn->value[i][k] = of_run * exp(0.1 * random_normal(random));
        drawn->run[i] = (struct comparison_run){drawn->value[i], requests};
    }
    return (struct comparison_side){drawn->run, runs};
}

struct shares {
    double regressed, passed;
};

static struct shares compare(size_t runs, size_t requests, double slower, double margin,
                             size_t pairs)
{
    const uint64_t drawing[] = {0x636d70, runs, requests, (uint64_t)(1e6 * slower)};
    struct drawn *drawn = memory_new(2, sizeof *drawn);
    struct shares shares = {0};
    struct random random;

    random_init(&random, drawing, 4);
    for (uint64_t pair = 0; pair < pairs; pair++) {
        const struct comparison_asked asked = {.quantile = 0.5,
                                               .lower_is_better = true,
                                               .margin = margin,
                                               .confidence = 0.95,
                                               .resamples = 500,
                                               .key = &pair,
                                               .keys = 1};
        struct comparison_side base = draw(&drawn[0], runs, requests, 0.2, &random);
        struct comparison_side candidate =
            draw(&drawn[1], runs, requests, 0.2 * (1 + slower), &random);
        struct comparison comparison = comparison_of(&base, &candidate, &asked);

        shares.regressed += comparison.p_regressed <= 0.05 ? 1 : 0;
        shares.passed += comparison.p_regressed > 0.05 && comparison.p_held <= 0.05 ? 1 : 0;
    }
    free(drawn);
    shares.regressed /= (double)pairs;
    shares.passed /= (double)pairs;
    return shares;
}

int main(int count, char **arguments)
{
    static const struct {
        size_t runs, requests;
    } sizes[] = {{1, 20}, {1, 60}, {1, 200}, {1, 1000}, {2, 60}, {3, 60}, {5, 60}, {10, 60}};
    static const double slower[] = {0, 0.02, 0.05, 0.08, 0.10, 0.15};
    size_t pairs = count > 1 ? (size_t)atol(arguments[1]) : 1000;

    printf("Medians of two releases, %zu pairs each: %% called regressed, %% passed (the rest is "
           "inconclusive)\n at a margin of 5 %%, one line alone; and of equal ones %% called "
           "regressed "
           "without a margin (5 allowed)\n  runs  requests   equal: no margin",
           pairs);
    for (size_t s = 0; s < sizeof slower / sizeof *slower; s++)
        printf("   %4.0f %% slower", 100 * slower[s]);
    printf("\n");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t runs = sizes[i].runs, requests = sizes[i].requests;

        printf("  %4zu  %8zu  %16.1f", runs, requests,
               100 * compare(runs, requests, 0, 0, pairs).regressed);
        for (size_t s = 0; s < sizeof slower / sizeof *slower; s++) {
            struct shares shares = compare(runs, requests, slower[s], 0.05, pairs);

            printf("    %5.1f %5.1f", 100 * shares.regressed, 100 * shares.passed);
        }
        printf("\n");
    }
    return 0;
}
