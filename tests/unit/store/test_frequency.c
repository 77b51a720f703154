/* Two small tables as text, in the form Python prints a dict. */
#include "store/frequency.h"

#include "support.h"

static void test_errors_are_written_and_read_back(void **state)
{
    static const struct {
        const char *text, *again;
        size_t kinds;
    } cases[] = {
        {"{}", "{}", 0},
        {"{429: 3, 'timeout': 1}", "{429: 3, 'timeout': 1}", 2},
        {"{'connection_refused': 12}", "{'connection_refused': 12}", 1},
        {"{ 500: 1,429:2 }", "{500: 1, 429: 2}", 2},
        {"", "{}", 0},
        {"none", "{}", 0},
        {"{429: 3, garbage", "{429: 3}", 1},
        {"{'timeout: 3}", "{}", 0},
        {"{1234567890123456789012345: 3}", "{}", 0},
        {"{429: -1}", "{}", 0},
        {"{429: +1}", "{}", 0},
        /* As the starter kit writes them. */
        {"{'Error while running. Check your model name.': 9}",
         "{'Error while running. Check your model name.': 9}", 1},
        {"{\"It's gone\": 2, 'a \\'b\\' \\\\ \"c\"': 1}",
         "{\"It's gone\": 2, 'a \\'b\\' \\\\ \"c\"': 1}", 2},
        {"{429.0: np.int64(3), np.float64(500.0): np.int64(1)}", "{429: 3, 500: 1}", 2},
        {"{np.int64(429): 1}", "{429: 1}", 1},
        {"{np.int64(429: 1}", "{}", 0},
        {"{'a\\nb': 1}", "{'a b': 1}", 1},
        {"{'open: 1}", "{}", 0},
        {"{'': 6, 'timeout': 1}", "{'timeout': 1}", 1},
        {"{'a' 1}", "{}", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {0};
        struct text text = {0};

        frequency_read_errors(cases[i].text, &step);
        expect_true(cases[i].text, step.error_kinds == cases[i].kinds);
        frequency_add_errors(&step, &text);
        expect_text(cases[i].text, text.bytes, cases[i].again);
        text_clear(&text);
        step_clear(&step);
    }
}

static void test_statuses_are_numbers_and_words_are_quoted(void **state)
{
    struct step step = {0};

    (void)state;
    frequency_read_errors("{429: 3, 'timeout': 1}", &step);
    assert_true(step.error[0].is_status && step.error[0].count == 3);
    assert_string_equal(step.error[0].code, "429");
    assert_true(!step.error[1].is_status && step.error[1].count == 1);
    assert_string_equal(step.error[1].code, "timeout");
    step_clear(&step);
}

static void test_reasons_are_written_and_read_back(void **state)
{
    static const struct {
        const char *text, *again;
    } cases[] = {
        {"{}", "{}"},
        {"{'length': 40, 'stop': 1}", "{'length': 40, 'stop': 1}"},
        {"{'it\\'s \\\\': 2}", "{'it\\'s \\\\': 2}"},
        {"{'a: 1, b': 2}", "{'a: 1, b': 2}"},
        {"{'a reason that is longer than thirty-two letters': 2}",
         "{'a reason that is longer than th': 2}"},
        {"", "{}"},
        {"{'a': 1, 'b", "{'a': 1}"},
        {"{'a': 1, 'b': -1}", "{'a': 1}"},
        {"{'a\\", "{}"},
        {"{a: 1}", "{}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {0};
        struct text text = {0};

        frequency_read_reasons(cases[i].text, &step);
        frequency_add_reasons(&step, &text);
        expect_text(cases[i].text, text.bytes, cases[i].again);
        text_clear(&text);
        step_clear(&step);
    }
}

static void test_batches_are_written_and_read_back(void **state)
{
    static const struct {
        const char *text, *again;
    } cases[] = {
        {"{}", "{}"},           {"{1: 2, 16: 32}", "{1: 2, 16: 32}"},
        {"{1.0: 2}", "{1: 2}"}, {"", "{}"},
        {"{x: 2}", "{}"},       {"{4: 1, 8", "{4: 1}"},
        {"{nan: 2}", "{}"},     {"{inf: 2}", "{}"},
        {"{4: -1}", "{}"},      {"{-4: 1}", "{}"},
        {"{1e400: 1}", "{}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {0};
        struct text text = {0};

        frequency_read_batches(cases[i].text, &step);
        frequency_add_batches(&step, &text);
        expect_text(cases[i].text, text.bytes, cases[i].again);
        text_clear(&text);
        step_clear(&step);
    }
}

static struct switch_inside inside_of(double size, double exposed_s, bool found)
{
    return (struct switch_inside){
        .batch_size = size, .side = {.exposed_s = exposed_s, .steady_s = 0.2}, .found = found};
}

static void test_switches_stand_by_their_batch_sizes(void **state)
{
    static const struct {
        const char *name;
        enum switch_verdict verdict;
        double size;
        size_t insides;
        const char *text;
    } cases[] = {
        {"ascending, the judged one among them", SWITCH_DETECTED, 4, 2,
         "{1: 0.0489, 4: 0.0501, 16: None}"},
        {"none is None", SWITCH_NOT_DETECTED, 4, 1, "{1: 0.0489, 4: None}"},
        {"as is what is not sure", SWITCH_INCONCLUSIVE, 4, 0, "{4: None}"},
        {"what is not judged is not there", SWITCH_NOT_MEASURABLE, 4, 1, "{1: 0.0489}"},
        {"nor what has no size", SWITCH_DETECTED, NAN, 0, "{}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {
            .estimate = {.verdict = cases[i].verdict, .value_s = 0.0501},
            .measurement = {.batch_size = cases[i].size,
                            .insides = cases[i].insides,
                            .inside = {inside_of(1, 0.2489, true), inside_of(16, 0.9, false)}}};
        struct text text = {0};

        frequency_add_step_switches(&step, &text);
        expect_text(cases[i].name, text.bytes, cases[i].text);
        text_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_are_written_and_read_back),
        cmocka_unit_test(test_statuses_are_numbers_and_words_are_quoted),
        cmocka_unit_test(test_reasons_are_written_and_read_back),
        cmocka_unit_test(test_batches_are_written_and_read_back),
        cmocka_unit_test(test_switches_stand_by_their_batch_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
