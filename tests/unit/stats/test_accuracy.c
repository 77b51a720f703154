/* Measured beside known: medians, what 95 % stay within, and the verdict, worked out by hand. */
#include "stats/accuracy.h"

#include "support.h"

enum { PAIRS = 5 };

static const struct {
    const char *name;
    double known[PAIRS], measured[PAIRS];
    size_t count;
    struct tolerance tolerance;
    double middle_known, middle_measured, error, within, allowed;
    bool inside;
} cases[] = {
    {"exact and equal", {7, 7, 7}, {7, 7, 7}, 3, {0, 0}, 7, 7, 0, 0, 0, true},
    {"exact, one of five is wrong",
     {7, 7, 7, 7, 7},
     {7, 7, 7, 8, 7},
     5,
     {0, 0},
     7,
     7,
     0,
     1,
     0,
     false},
    {"exact, too few is as wrong", {7, 7}, {7, 4}, 2, {0, 0}, 7, 5.5, -1.5, 3, 0, false},
    {"rounding is no error", {7, 7, 7}, {7, 7.25, 7}, 3, {0, 0.5}, 7, 7, 0, 0.25, 0.5, true},
    {"one of five is off by more",
     {7, 7, 7, 7, 7},
     {7, 7, 8, 7, 7},
     5,
     {0, 0.5},
     7,
     7,
     0,
     1,
     0.5,
     false},
    {"exact, both sides differ alike", {1, 4, 4}, {1, 4, 4}, 3, {0, 0}, 4, 4, 0, 0, 0, true},
    {"a share of the known value, to its edge",
     {2},
     {2.125},
     1,
     {0.0625, 0},
     2,
     2.125,
     0.125,
     0.125,
     0.125,
     true},
    {"just outside it", {2}, {2.126}, 1, {0.0625, 0}, 2, 2.126, 0.126, 0.126, 0.125, false},
    {"too short is as wrong as too long", {2}, {1.8}, 1, {0.05, 0}, 2, 1.8, -0.2, 0.2, 0.1, false},
    {"the least, where the share is less",
     {0.001},
     {0.0019},
     1,
     {0.05, 0.001},
     0.001,
     0.0019,
     0.0009,
     0.0009,
     0.001,
     true},
    {"the share, where it is more", {10}, {10.4}, 1, {0.05, 0.001}, 10, 10.4, 0.4, 0.4, 0.5, true},
    /* errors 0 0.1 0.2 0.3 1: the 95th percentile lies 4/5 of the way from 0.3 to 1 */
    {"what 95 % stay within, not the mean",
     {10, 10, 10, 10, 10},
     {10, 10.1, 10.2, 10.3, 11},
     5,
     {0.05, 0},
     10,
     10.2,
     0.2,
     0.86,
     0.5,
     false},
    {"errors either way do not cancel", {10, 10}, {9, 11}, 2, {0.05, 0}, 10, 10, 0, 1, 0.5, false},
    {"nothing to compare", {0}, {0}, 0, {0.05, 1}, NAN, NAN, NAN, NAN, NAN, false},
    {"one was not measured", {1, 1}, {1, NAN}, 2, {0.05, 1}, NAN, NAN, NAN, NAN, NAN, false},
    {"one is not known", {NAN, 1}, {1, 1}, 2, {0.05, 1}, NAN, NAN, NAN, NAN, NAN, false},
};

static void test_pairs_are_judged_by_what_most_stay_within(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct accuracy accuracy =
            accuracy_of(cases[i].known, cases[i].measured, cases[i].count, cases[i].tolerance);
        const char *name = cases[i].name;

        assert_int_equal(accuracy.count, cases[i].count);
        expect_number(name, accuracy.known, cases[i].middle_known);
        expect_number(name, accuracy.measured, cases[i].middle_measured);
        expect_number(name, accuracy.error, cases[i].error);
        expect_number(name, accuracy.within, cases[i].within);
        expect_number(name, accuracy.tolerance, cases[i].allowed);
        expect_true(name, accuracy.inside == cases[i].inside);
    }
}

static void test_what_all_errors_share_does_not_blur_a_difference(void **state)
{
    static const struct {
        const char *name;
        double errors[PAIRS];
        size_t count;
        double resolution;
    } rows[] = {
        {"all late alike", {5, 5, 5, 5}, 4, 0},
        {"two", {1, 3}, 2, 2},
        {"order does not matter", {3, 1}, 2, 2},
        /* apart by 1 1 2: the 95th percentile lies 9/10 of the way from 1 to 2 */
        {"three", {0, 1, 2}, 3, 1.9},
        {"the same, all 100 late", {100, 101, 102}, 3, 1.9},
        {"one cannot be compared", {1}, 1, NAN},
        {"none neither", {0}, 0, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_number(rows[i].name, accuracy_resolution(rows[i].errors, rows[i].count),
                      rows[i].resolution);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_are_judged_by_what_most_stay_within),
        cmocka_unit_test(test_what_all_errors_share_does_not_blur_a_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
