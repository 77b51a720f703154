/* What finish reasons mean. */
#include "wire/finish.h"

#include "support.h"

static void test_each_word_is_known_for_what_it_is(void **state)
{
    static const struct {
        const char *reason, *kinds; /* Real, Failure, Early, filTered */
    } cases[] = {
        {"", ""},
        {"null", ""},
        {"None", ""},
        {"length", "R"},
        {"max_len_reached", "R"},
        {"stop", "RE"},
        {"tool_calls", "RE"},
        {"function_call", "RE"},
        {"eos_token", "RE"},
        {"end_turn", "RE"},
        {"content_filter", "RT"},
        {"abort", "RF"},
        {"aborted", "RF"},
        {"error", "RF"},
        {"cancelled", "RF"},
        {"canceled", "RF"},
        {"preempted", "RF"},
        {"timeout", "RF"},
        {"ABORT", "RF"},
        {"Stop", "RE"},
        {"aborts", "R"},
        {"nullable", "R"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *reason = cases[i].reason;
        char kinds[8];

        snprintf(kinds, sizeof kinds, "%s%s%s%s", finish_is_real(reason) ? "R" : "",
                 finish_is_failure(reason) ? "F" : "", finish_is_early(reason) ? "E" : "",
                 finish_is_filtered(reason) ? "T" : "");
        expect_text(reason, kinds, cases[i].kinds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_word_is_known_for_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
