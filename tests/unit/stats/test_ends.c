/* How completed requests ended. */
#include "stats/ends.h"

#include <math.h>
#include <stdlib.h>

#include "store/frequency.h"
#include "support.h"

static void count_all(struct finish_counts *finish, const char *reason, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ends_count(finish, reason);
}

static void test_reasons_are_counted_and_sorted(void **state)
{
    struct step step = {0};
    struct text text = {0};

    (void)state;
    count_all(&step.finish, "stop", 2);
    count_all(&step.finish, "", 5);
    count_all(&step.finish, "length", 40);
    count_all(&step.finish, "eos", 2);
    count_all(&step.finish, "content_filter", 1);
    ends_sort(&step.finish);
    frequency_add_reasons(&step, &text);
    assert_string_equal(text.bytes, "{'length': 40, 'eos': 2, 'stop': 2, 'content_filter': 1}");
    assert_int_equal(ends_early(&step), 4);
    assert_int_equal(ends_filtered(&step), 1);
    text_clear(&text);
    step_clear(&step);
}

static void test_reasons_without_end_are_one(void **state)
{
    struct finish_counts finish = {0};
    size_t sum = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        char reason[16];

        snprintf(reason, sizeof reason, "r%d", i);
        ends_count(&finish, reason);
    }
    ends_sort(&finish);
    assert_int_equal(finish.kinds, ENDS_KINDS_MOST + 1);
    assert_string_equal(finish.reason[0].reason, "other");
    for (size_t i = 0; i < finish.kinds; i++)
        sum += finish.reason[i].count;
    assert_int_equal(sum, 1000);
    free(finish.reason);
}

static void test_more_than_one_of_a_hundred_is_otherwise_than_asked(void **state)
{
    static const struct {
        const char *name, *reason;
        size_t count, completed, at_length;
        bool ignore_eos, otherwise;
    } cases[] = {
        {"over 1 %", "stop", 2, 100, 0, true, true},
        {"1 %", "stop", 1, 100, 0, true, false},
        {"not asked", "stop", 100, 100, 0, false, false},
        {"as asked", "length", 100, 100, 0, true, false},
        {"a tool", "tool_calls", 1, 10, 0, true, true},
        {"a filter is told apart", "content_filter", 10, 10, 0, true, false},
        {"all have their tokens", "completed", 100, 100, 100, true, false},
        {"all but two", "completed", 100, 100, 98, true, true},
        {"all but one", "completed", 100, 100, 99, true, false},
        {"nothing completed", "stop", 0, 0, 0, true, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {.completed = cases[i].completed,
                            .ignore_eos = cases[i].ignore_eos,
                            .stopped_at_length = cases[i].at_length};

        count_all(&step.finish, cases[i].reason, cases[i].count);
        expect_true(cases[i].name, ends_otherwise(&step) == cases[i].otherwise);
        step_clear(&step);
    }
}

static void test_a_length_that_was_reached_is_no_early_end(void **state)
{
    static const struct {
        const char *name, *reason;
        int64_t asked;
        double tokens;
        bool at_length;
    } cases[] = {
        {"all asked for", "completed", 8, 8, true},
        {"more than that", "stop", 8, 9, true},
        {"one less", "completed", 8, 7, false},
        {"not counted", "stop", 8, NAN, false},
        {"by its length", "length", 8, 8, false},
        {"no length was asked for", "stop", 0, 8, false},
        {"no reason", "", 8, 8, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = {.asked.output_tokens = cases[i].asked};
        struct figures figures = {{0}};

        snprintf(request.finish_reason, sizeof request.finish_reason, "%s", cases[i].reason);
        figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = cases[i].tokens;
        expect_true(cases[i].name, ends_at_length(&request, &figures) == cases[i].at_length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_are_counted_and_sorted),
        cmocka_unit_test(test_reasons_without_end_are_one),
        cmocka_unit_test(test_more_than_one_of_a_hundred_is_otherwise_than_asked),
        cmocka_unit_test(test_a_length_that_was_reached_is_no_early_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
