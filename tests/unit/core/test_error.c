/* Sentences: one error, a list of faults with their places. */
#include "core/error.h"

#include "support.h"

static void test_an_error_is_cut_to_fit_and_returns_false(void **state)
{
    struct error error;

    (void)state;
    assert_false(error_set(&error, "%s: %d", "x", 5));
    assert_string_equal(error.text, "x: 5");
    assert_false(error_set(&error, "%2000s", "x"));
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void test_a_fault_says_where_as_far_as_it_is_known(void **state)
{
    struct faults faults = {0};

    (void)state;
    faults_add(&faults, "a.csv", 3, "%s is wrong", "qps");
    faults_add(&faults, "a.csv", 0, "is empty");
    faults_add(&faults, NULL, 7, "100%% lost");
    assert_int_equal(faults.count, 3);
    assert_string_equal(faults.text[0], "a.csv:3: qps is wrong");
    assert_string_equal(faults.text[1], "a.csv: is empty");
    assert_string_equal(faults.text[2], "100% lost");
    faults_clear(&faults);
    assert_int_equal(faults.count, 0);
    faults_clear(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_error_is_cut_to_fit_and_returns_false),
        cmocka_unit_test(test_a_fault_says_where_as_far_as_it_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
