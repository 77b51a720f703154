/* Blocks of values that follow each other: how long, what they tell, and that neighbours stay. */
#include "stats/blocks.h"

#include "stats/quantile.h"
#include "support.h"

enum { MOST = 400, SERIES = 200 };

/* Each as like the one before as `correlation` says. */
static void draw_series(double *value, size_t count, double correlation, uint64_t seed)
{
    const uint64_t key[] = {0x626c6f, seed};
    struct random random;
    double off;

    random_init(&random, key, 2);
    off = random_normal(&random);
    for (size_t i = 0; i < count; i++) {
        value[i] = off;
        off = correlation * off + sqrt(1 - correlation * correlation) * random_normal(&random);
    }
}

/* Over many series the median is near what theory has for the mean of AR(1):
 * 1.5 (1.5 n)^⅓ (2ρ ÷ (1 − ρ²))^⅔, 1 where nothing is alike. */
static void test_the_length_is_near_what_is_wanted(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        double correlation, least, most;
    } cases[] = {{"none", 200, 0, 1, 1},
                 {"none, few", 20, 0, 1, 1},
                 {"0.5: 12", 200, 0.5, 8, 17},
                 {"0.9: 42, the most", 200, 0.9, 27, 42},
                 {"0.9: 57", 400, 0.9, 35, 60}};

    (void)state;
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        double value[MOST], lengths[SERIES], median;

        for (uint64_t i = 0; i < SERIES; i++) {
            draw_series(value, cases[c].count, cases[c].correlation, i);
            lengths[i] = (double)blocks_of(value, cases[c].count).length;
        }
        quantile_sort(lengths, SERIES);
        median = quantile_of_sorted(lengths, SERIES, 0.5);
        if (median < cases[c].least || median > cases[c].most ||
            lengths[SERIES - 1] > (double)cases[c].count / 3)
            fail_msg("%s: median %g, most %g", cases[c].name, median, lengths[SERIES - 1]);
    }
}

static void test_what_has_no_correlation_has_blocks_of_one(void **state)
{
    double constant[50], few[] = {1, 2, 3, 4, 5};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(constant); i++)
        constant[i] = 0.3;
    assert_int_equal(blocks_of(constant, COUNT_OF(constant)).length, 1);
    assert_int_equal(blocks_of(few, COUNT_OF(few)).length, 1);
    expect_number("√(5 ÷ 4)", blocks_of(few, COUNT_OF(few)).widening, sqrt(1.25));
    expect_number("number", blocks_of(few, COUNT_OF(few)).number, 5);
    assert_true(isinf(blocks_of(few, 1).widening));
}

/* Computed by hand: of {-1, -1, 1, 1} blocks of two sum to -2, 0, 2, 0, so their means have the
 * variance ½, and two of them half that. Blocks of one with their widening are s ÷ √n. */
static void test_known_errors_of_the_mean(void **state)
{
    const double textbook[] = {2, 4, 5, 7, 4, 9, 4, 5}, pairs[] = {1, 1, 3, 3};

    (void)state;
    expect_number("s ÷ √n", blocks_error_of_mean(textbook, 8, 1) * blocks_of(textbook, 8).widening,
                  sqrt(32.0 / 7 / 8));
    expect_number("pairs", blocks_error_of_mean(pairs, 4, 2), sqrt(0.25));
    expect_number("pairs, one by one", blocks_error_of_mean(pairs, 4, 1), sqrt(1.0 / 4));
}

/* The error of the mean of AR(1), variance 1, is √((1 + ρ) ÷ (1 − ρ) ÷ n) for many: on average over
 * series it is found, a little less where few are much alike. */
static void test_errors_of_alike_values_are_found(void **state)
{
    static const struct {
        const char *name;
        double correlation, least, most;
    } cases[] = {{"none", 0, 0.98, 1.04}, {"0.5", 0.5, 0.92, 1.08}, {"0.9", 0.9, 0.85, 1.10}};

    (void)state;
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        double value[MOST], squares = 0, ratio;

        for (uint64_t i = 0; i < SERIES; i++) {
            struct blocks blocks;

            draw_series(value, MOST, cases[c].correlation, i);
            blocks = blocks_of(value, MOST);
            squares +=
                pow(blocks_error_of_mean(value, MOST, blocks.length) * blocks.widening, 2) / SERIES;
        }
        ratio = sqrt(squares * (1 - cases[c].correlation) / (1 + cases[c].correlation) * MOST);
        if (ratio < cases[c].least || ratio > cases[c].most)
            fail_msg("%s: %g", cases[c].name, ratio);
    }
}

/* The spread of many drawn means is what the formula says. */
static void test_drawing_agrees_with_the_formula(void **state)
{
    enum { COUNT = 60, LENGTH = 10, DRAWS = 4000 };
    const uint64_t key[] = {5};
    double value[COUNT], drawn[COUNT], means[DRAWS], wanted;
    struct random random;

    (void)state;
    draw_series(value, COUNT, 0.8, 3);
    random_init(&random, key, 1);
    for (size_t i = 0; i < DRAWS; i++) {
        blocks_draw(value, COUNT, LENGTH, drawn, &random);
        means[i] = quantile_mean(drawn, COUNT);
    }
    wanted = blocks_error_of_mean(value, COUNT, LENGTH);
    assert_true(fabs(quantile_stddev(means, DRAWS) / wanted - 1) < 0.05);
}

static void test_neighbours_stay_neighbours(void **state)
{
    enum { COUNT = 23, LENGTH = 5 };
    const uint64_t key[] = {1};
    double value[COUNT], drawn[COUNT];
    struct random random;
    bool round_the_end = false;

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        value[i] = (double)i;
    random_init(&random, key, 1);
    for (int draw = 0; draw < 50; draw++) {
        blocks_draw(value, COUNT, LENGTH, drawn, &random);
        for (size_t i = 1; i < COUNT; i++) {
            if (i % LENGTH == 0)
                continue;
            assert_true(drawn[i] == fmod(drawn[i - 1] + 1, COUNT));
            round_the_end |= drawn[i] == 0;
        }
    }
    assert_true(round_the_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_length_is_near_what_is_wanted),
        cmocka_unit_test(test_what_has_no_correlation_has_blocks_of_one),
        cmocka_unit_test(test_known_errors_of_the_mean),
        cmocka_unit_test(test_errors_of_alike_values_are_found),
        cmocka_unit_test(test_drawing_agrees_with_the_formula),
        cmocka_unit_test(test_neighbours_stay_neighbours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
