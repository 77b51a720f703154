/* Whom a fault strikes, and when in an answer. */
#include "sim/fault.h"

#include "exchange.h"

enum { MANY = 10000 };

/* The fault that strikes request `number` of expert `i`. */
static const struct bundle_fault *draw(const struct bundle_fault *faults, size_t count,
                                       int64_t number, size_t i, uint64_t seed)
{
    const struct node_file file = {.faults = {(void *)faults, count}};
    const struct node_request request = {.expert = &exchange_experts[i], .number = number};

    return fault_draw(&file, &request, seed);
}

static void test_at_one_request(void **state)
{
    const struct bundle_fault faults[] = {
        {.kind = BUNDLE_FAULT_STALL, .request = 3},
        {.kind = BUNDLE_FAULT_RESET, .request = 5, .model = (char[]){"two"}},
        {.kind = BUNDLE_FAULT_CUT, .request = 3},
    };

    (void)state;
    for (int64_t number = 0; number < 10; number++) {
        assert_ptr_equal(draw(faults, 3, number, 0, 1), number == 2 ? &faults[0] : NULL);
        assert_ptr_equal(draw(faults, 3, number, 1, 1), number == 2   ? &faults[0]
                                                        : number == 4 ? &faults[1]
                                                                      : NULL);
    }
    assert_null(draw(NULL, 0, 0, 0, 1));
}

static int strikes(const struct bundle_fault *faults, size_t count, size_t which, uint64_t seed)
{
    int struck = 0;

    for (int64_t number = 0; number < MANY; number++)
        struck += draw(faults, count, number, 0, seed) == &faults[which];
    return struck;
}

static void expect_about(const char *what, int got, double share)
{
    double expected = share * MANY, deviation = sqrt(expected * (1 - share));

    if (fabs(got - expected) > 5 * deviation)
        fail_msg("%s: %d, not about %g", what, got, expected);
}

/* Two faults of the same probability draw apart from each other. */
static void test_by_chance(void **state)
{
    static const struct bundle_fault faults[] = {
        {.kind = BUNDLE_FAULT_STALL, .probability = 0.2},
        {.kind = BUNDLE_FAULT_RESET, .probability = 0.2},
    };
    static const struct bundle_fault always = {.kind = BUNDLE_FAULT_STALL, .probability = 1};

    (void)state;
    expect_about("the first", strikes(faults, 2, 0, 1), 0.2);
    expect_about("the second, where the first did not", strikes(faults, 2, 1, 1), 0.8 * 0.2);
    assert_int_equal(strikes(&always, 1, 0, 1), MANY);
}

static void test_chance_follows_from_the_seed(void **state)
{
    static const struct bundle_fault fault = {.kind = BUNDLE_FAULT_STALL, .probability = 0.5};
    int alike = 0;

    (void)state;
    for (int64_t number = 0; number < MANY; number++)
        alike += draw(&fault, 1, number, 0, 1) == draw(&fault, 1, number, 0, 2);
    expect_about("another seed strikes others", alike, 0.5);
}

static void test_when(void **state)
{
    static const struct {
        int kind;
        bool stream;
        int64_t after, sent;
        bool on_arrival, next;
    } cases[] = {
        {BUNDLE_FAULT_RESET, true, 5, 0, true, false},
        {BUNDLE_FAULT_RESET, false, 5, 0, true, false},
        {BUNDLE_FAULT_ERROR_503, true, 0, 9, true, false},
        {BUNDLE_FAULT_SLOW_HEAD, true, 5, 0, true, false},
        {BUNDLE_FAULT_SLOW_HEAD, false, 5, 0, false, false},
        {BUNDLE_FAULT_STALL, true, 2, 0, false, false},
        {BUNDLE_FAULT_STALL, true, 2, 1, false, false},
        {BUNDLE_FAULT_STALL, true, 2, 2, false, true},
        {BUNDLE_FAULT_STALL, true, 2, 3, false, true},
        {BUNDLE_FAULT_STALL, true, 0, 0, false, true},
        {BUNDLE_FAULT_STALL, false, 0, 0, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct bundle_fault fault = {.kind = cases[i].kind, .after_tokens = cases[i].after};
        const struct sim_response response = {
            .fault = &fault, .question = {.stream = cases[i].stream}, .sent_tokens = cases[i].sent};

        expect_true(bundle_fault_names[cases[i].kind],
                    fault_is_on_arrival(&response) == cases[i].on_arrival);
        expect_true(bundle_fault_names[cases[i].kind], fault_is_next(&response) == cases[i].next);
    }
}

static void test_without_a_fault(void **state)
{
    const struct sim_response response = {.question = {.stream = true}};

    (void)state;
    assert_false(fault_is_on_arrival(&response));
    assert_false(fault_is_next(&response));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_one_request),
        cmocka_unit_test(test_by_chance),
        cmocka_unit_test(test_chance_follows_from_the_seed),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_without_a_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
