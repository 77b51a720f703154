/* Lines in one sentence. */
#include "plan/lines.h"

#include "support.h"

static void test_lines_that_follow_each_other_are_ranges(void **state)
{
    static const struct {
        int line[20];
        const char *text;
    } cases[] = {
        {{2}, "line 2"},
        {{2, 3}, "lines 2–3"},
        {{2, 4}, "lines 2, 4"},
        {{2, 3, 4, 8, 10, 11}, "lines 2–4, 8, 10–11"},
        {{2, 2, 3}, "lines 2–3"},
        {{2, 4, 6, 8, 10, 12, 14, 16}, "lines 2, 4, 6, 8, 10, 12, 14, 16"},
        {{2, 4, 6, 8, 10, 12, 14, 16, 18, 19}, "lines 2, 4, 6, 8, 10, 12, 14, 16, …"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lines lines = {0};
        struct text text = {0};

        for (size_t k = 0; cases[i].line[k] > 0; k++)
            lines_add(&lines, cases[i].line[k]);
        lines_print(&lines, &text);
        expect_text(cases[i].text, text.bytes, cases[i].text);
        lines_clear(&lines);
        text_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_that_follow_each_other_are_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
