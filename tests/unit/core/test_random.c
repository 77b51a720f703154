/* Chance from a seed. Wanted numbers: splitmix64 and xoshiro256** written a second time, in Python,
 * from prng.di.unimi.it; the first two tests are those generators' published vectors. */
#include "core/random.h"

#include <ctype.h>

#include "support.h"

enum { DRAWS = 100000 };

static void test_an_empty_key_gives_splitmix64s_vector_for_0(void **state)
{
    static const uint64_t wanted[] = {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f,
                                      0xf88bb8a8724c81ec};
    struct random random;

    (void)state;
    random_init(&random, NULL, 0);
    assert_memory_equal(random.state, wanted, sizeof wanted);
}

static void test_draws_follow_xoshiro256_star_star(void **state)
{
    static const uint64_t wanted[] = {11520,
                                      0,
                                      1509978240,
                                      1215971899390074240,
                                      1216172134540287360,
                                      607988272756665600,
                                      16172922978634559625u,
                                      8476171486693032832,
                                      10595114339597558777u,
                                      2904607092377533576};
    struct random random = {{1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_true(random_next(&random) == wanted[i]);
}

static void test_the_key_decides_what_is_drawn(void **state)
{
    static const struct {
        const char *name;
        uint64_t key[2];
        int count;
        uint64_t first[3];
    } cases[] = {
        {"one number", {42}, 1, {1865750160070900731, 6791145067590612263, 14118064813682728970u}},
        {"two", {42, 7}, 2, {511687822027273263, 4679140867302755536, 10481404701036677346u}},
        {"turned round",
         {7, 42},
         2,
         {283071609874821864, 4645387402201358480, 3528647705404538512}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct random random;

        random_init(&random, cases[i].key, cases[i].count);
        for (int k = 0; k < 3; k++)
            expect_true(cases[i].name, random_next(&random) == cases[i].first[k]);
    }
}

static void test_a_draw_below_a_bound_is_even(void **state)
{
    const uint64_t key = 1;
    struct random random;
    int seen[6] = {0};

    (void)state;
    random_init(&random, &key, 1);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t face = random_below(&random, 6);

        assert_true(face < 6);
        seen[face]++;
    }
    for (int i = 0; i < 6; i++) /* 118 is one standard deviation */
        assert_in_range(seen[i], DRAWS / 6 - 590, DRAWS / 6 + 590);
    for (int i = 0; i < 100; i++)
        assert_true(random_below(&random, 1) == 0);
    for (int i = 0; i < 100; i++)
        assert_true(random_below(&random, UINT64_MAX) < UINT64_MAX);
}

static void test_a_unit_draw_is_the_top_53_bits(void **state)
{
    static const double wanted[] = {0.10114251884320236, 0.3681487117972979, 0.7653418271142987};
    const uint64_t key = 42;
    struct random random;

    (void)state;
    random_init(&random, &key, 1);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_true(random_unit(&random) == wanted[i]);
}

/* Mean and share above 1 of a distribution whose density is e^−x. */
static void test_an_exponential_draw_has_mean_1(void **state)
{
    const uint64_t key = 3;
    struct random random;
    double sum = 0;
    int above = 0;

    (void)state;
    random_init(&random, &key, 1);
    for (int i = 0; i < DRAWS; i++) {
        double value = random_exponential(&random);

        assert_true(value >= 0 && isfinite(value));
        sum += value;
        above += value > 1;
    }
    assert_true(fabs(sum / DRAWS - 1) < 0.015); /* 0.0032 is one standard deviation */
    assert_true(fabs((double)above / DRAWS - exp(-1)) < 0.008);
}

/* Mean and variance are the shape; of shape 2, 2 e^−1 of the draws are above 1. */
static void test_a_gamma_draw_has_its_shape_as_mean_and_variance(void **state)
{
    static const struct {
        double shape, above_1; /* share above 1: Q(shape, 1), Abramowitz and Stegun 6.5 */
    } cases[] = {{0.5, 0.15729920705028513},
                 {1, 0.36787944117144233},
                 {2, 0.73575888234288467},
                 {3, 0.91969860292860584}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const uint64_t key = 5;
        const double shape = cases[i].shape, p = cases[i].above_1;
        struct random random;
        double sum = 0, squares = 0;
        int above = 0;

        random_init(&random, &key, 1);
        for (int k = 0; k < DRAWS; k++) {
            double value = random_gamma(&random, shape);

            assert_true(value >= 0 && isfinite(value));
            sum += value;
            squares += value * value;
            above += value > 1;
        }
        assert_true(fabs(sum / DRAWS - shape) < 5 * sqrt(shape / DRAWS));
        assert_true(fabs(squares / DRAWS - shape * (shape + 1)) <
                    5 * sqrt(shape * (shape + 1) * (4 * shape + 6) / DRAWS));
        assert_true(fabs((double)above / DRAWS - p) < 5 * sqrt(p * (1 - p) / DRAWS));
    }
}

/* Mean, deviation, and the share within one deviation of the mean. */
static void test_a_normal_draw_has_mean_0_and_deviation_1(void **state)
{
    const uint64_t key = 3;
    struct random random;
    double sum = 0, squares = 0;
    int within = 0;

    (void)state;
    random_init(&random, &key, 1);
    for (int i = 0; i < DRAWS; i++) {
        double value = random_normal(&random);

        assert_true(isfinite(value));
        sum += value;
        squares += value * value;
        within += fabs(value) < 1;
    }
    assert_true(fabs(sum / DRAWS) < 0.015); /* 0.0032 is one standard deviation */
    assert_true(fabs(squares / DRAWS - 1) < 0.022);
    assert_true(fabs((double)within / DRAWS - erf(sqrt(0.5))) < 0.008);
}

static void test_a_uuid_is_fresh_and_of_version_4(void **state)
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
    char one[37], other[37];

    (void)state;
    random_uuid(one);
    random_uuid(other);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), 36);
    for (size_t i = 0; i < 36; i++) {
        if (form[i] == 'v')
            assert_non_null(strchr("89ab", one[i]));
        else if (form[i] == 'x')
            assert_true(isxdigit((unsigned char)one[i]) && !isupper((unsigned char)one[i]));
        else
            assert_int_equal(one[i], form[i]);
    }
    assert_true(random_fresh() != random_fresh());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_key_gives_splitmix64s_vector_for_0),
        cmocka_unit_test(test_draws_follow_xoshiro256_star_star),
        cmocka_unit_test(test_the_key_decides_what_is_drawn),
        cmocka_unit_test(test_a_draw_below_a_bound_is_even),
        cmocka_unit_test(test_a_unit_draw_is_the_top_53_bits),
        cmocka_unit_test(test_an_exponential_draw_has_mean_1),
        cmocka_unit_test(test_a_normal_draw_has_mean_0_and_deviation_1),
        cmocka_unit_test(test_a_gamma_draw_has_its_shape_as_mean_and_variance),
        cmocka_unit_test(test_a_uuid_is_fresh_and_of_version_4),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
