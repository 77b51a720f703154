/* Rules with all that can be told of their capacities and times, on two configurations. */
#include "stats/hypothesis.h"

#include "support.h"
#include "visits.h"

enum { VISITS = 12 };

struct supposed {
    struct step step[VISITS];
    struct study study;
    struct sightings sightings;
    struct hypotheses hypotheses;
};

/* a a b b a a …, each for a second, a second apart; the first of two pays. */
static struct supposed *suppose(bool timed, bool by_weight)
{
    static char model[] = "a";
    struct supposed *supposed = memory_new(1, sizeof *supposed);
    double sums[] = {30, 10, 30, 20};

    supposed->study = (struct study){.configurations = 2,
                                     .visits = VISITS,
                                     .visit = memory_new(VISITS, sizeof(struct study_visit))};
    for (size_t i = 0; i < VISITS; i++) {
        struct step *step = &supposed->step[i];

        *step = step_to(model, i, 0.2);
        step->weight_gb = i / 2 % 2 ? 20 : 10;
        step->measurement.begin_ns = timed ? (int64_t)(i * 2 + 1) * 1000000000 : 0;
        step->measurement.end_ns = timed ? (int64_t)(i * 2 + 2) * 1000000000 : 0;
        supposed->study.visit[i] =
            (struct study_visit){.step = step,
                                 .configuration = i / 2 % 2,
                                 .replicate = {.value_s = i % 2 == 0 ? 9 : 0, .error_s = 1}};
    }
    supposed->sightings = sightings_make(&supposed->study);
    supposed->hypotheses = by_weight
                               ? hypotheses_by_weight(&supposed->sightings, sums, COUNT_OF(sums))
                               : hypotheses_by_units(&supposed->sightings);
    return supposed;
}

static void supposed_free(struct supposed *supposed)
{
    hypotheses_clear(&supposed->hypotheses);
    sightings_clear(&supposed->sightings);
    free(supposed->study.visit);
    free(supposed);
}

static void test_every_capacity_is_supposed_by_both_rules(void **state)
{
    struct supposed *supposed = suppose(false, false);
    const struct hypotheses *all = &supposed->hypotheses;
    double low, high;

    (void)state;
    assert_int_equal(all->count, 4);
    assert_int_equal(all->capacities, 2);
    assert_null(hypotheses_best(all, RESIDENCY_IDLE_EXPIRY));
    expect_number("all",
                  hypotheses_share(all, RESIDENCY_LRU) + hypotheses_share(all, RESIDENCY_FIFO), 1);
    expect_number("one", hypotheses_best(all, RESIDENCY_LRU)->rule.capacity, 1);
    expect_true("sure", hypotheses_same(all, &all->one[0]) > 0.99);
    expect_number("the same", all->one[0].ln, all->one[1].ln);
    hypotheses_interval(all, &all->one[0], &low, &high);
    expect_number("low", low, 1);
    expect_number("high", high, 1);
    hypotheses_interval(all, &all->one[2], &low, &high);
    expect_number("from the other side", low, 1);
    expect_number("both", high, 2);
    supposed_free(supposed);
}

/* Idle for one second within a pair, for five between two: expiry in between tells it too. */
static void test_times_are_supposed_between_those_that_were_seen(void **state)
{
    struct supposed *supposed = suppose(true, false);
    const struct hypotheses *all = &supposed->hypotheses;
    const struct hypothesis *best = hypotheses_best(all, RESIDENCY_IDLE_EXPIRY);
    double low, high;

    (void)state;
    assert_int_equal(all->count, 6);
    expect_number("low", best->low, 1);
    expect_number("high", best->high, 5);
    expect_number("time", best->rule.expiry_s, 3);
    hypotheses_interval(all, best, &low, &high);
    expect_number("within", low, 1);
    expect_number("and", high, 5);
    /* 45 % each over two capacities of which one is right, 10 % over two times */
    expect_true("prior", fabs(hypotheses_share(all, RESIDENCY_IDLE_EXPIRY) - 0.1) < 0.001);
    supposed_free(supposed);
}

/* The heavier fits by itself, so 20 GB or more, or 30 or more. */
static void test_weights_are_supposed_between_two_sums(void **state)
{
    struct supposed *supposed = suppose(false, true);
    const struct hypotheses *all = &supposed->hypotheses;
    const struct hypothesis *best = hypotheses_best(all, RESIDENCY_FIFO);

    (void)state;
    assert_int_equal(all->capacities, 2);
    expect_number("low", best->low, 20);
    expect_number("high", best->high, 30);
    expect_number("tried", best->rule.capacity, 25);
    expect_true("beyond", isinf(all->one[3].high) && isinf(all->one[3].rule.capacity));
    supposed_free(supposed);
}

/* Of 200 capacities 96 are tried, which hold all others between their edges. */
static void test_many_capacities_are_thinned_out(void **state)
{
    struct supposed *supposed = suppose(false, false);
    const struct hypotheses *all = &supposed->hypotheses;

    (void)state;
    hypotheses_clear(&supposed->hypotheses);
    supposed->study.configurations = 200;
    supposed->hypotheses = hypotheses_by_units(&supposed->sightings);
    assert_int_equal(all->capacities, 96);
    for (size_t i = 0; i < all->count; i++) {
        expect_number("no gap", all->one[i].low, i < 2 ? 1 : all->one[i - 2].high + 1);
        expect_number("tried", all->one[i].rule.capacity, all->one[i].high);
    }
    expect_number("first", all->one[0].high, 1);
    expect_number("last", all->one[all->count - 1].high, 200);
    supposed_free(supposed);
}

/* Of 4, 50, 30 and 16 % the last three hold 95 %, and of times that hold 10 % among them the same
 * shares of those. */
static void test_an_interval_holds_95_percent(void **state)
{
    static const double share[] = {0.04, 0.5, 0.3, 0.16};
    struct hypothesis one[12] = {{.low = 0}};
    const struct hypotheses all = {.one = one, .count = COUNT_OF(one), .capacities = 4};
    double low, high;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        one[2 * i].share = 0.6 * share[i];
        one[2 * i + 1].share = 0.3 * share[i];
        one[8 + i].share = 0.1 * share[i];
        one[2 * i].low = one[2 * i].high = one[2 * i + 1].low = one[2 * i + 1].high = (double)i + 1;
        one[8 + i].low = 10 * (double)i;
        one[8 + i].high = 10 * (double)i + 10;
    }
    expect_number("of one capacity", hypotheses_same(&all, &one[3]), 0.45);
    hypotheses_interval(&all, &one[3], &low, &high);
    expect_number("low", low, 2);
    expect_number("high", high, 4);
    hypotheses_interval(&all, &one[9], &low, &high);
    expect_number("from", low, 10);
    expect_number("to", high, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_capacity_is_supposed_by_both_rules),
        cmocka_unit_test(test_times_are_supposed_between_those_that_were_seen),
        cmocka_unit_test(test_weights_are_supposed_between_two_sums),
        cmocka_unit_test(test_many_capacities_are_thinned_out),
        cmocka_unit_test(test_an_interval_holds_95_percent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
