/* How a figure went, as a line of blocks. */
#include "report/terminal/sparkline.h"

#include "support.h"

static void test_blocks_are_as_high_as_values(void **state)
{
    static const struct {
        double value[4];
        size_t count;
        const char *text;
    } cases[] = {
        {{1}, 1, ""},      {{1, 8}, 2, "▂█"},      {{0, 4, 8, 2}, 4, "▁▅█▃"},
        {{0, 0}, 2, "▁▁"}, {{5, NAN, 5}, 3, "██"},
    };
    char text[SPARKLINE_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sparkline line = {0};

        for (size_t k = 0; k < cases[i].count; k++)
            sparkline_add(&line, cases[i].value[k]);
        expect_text(cases[i].text, sparkline_text(&line, text), cases[i].text);
    }
}

/* However many samples there are, they are all in it, each with the same weight but for the last.
 */
static void test_more_samples_share_points(void **state)
{
    struct sparkline line = {0};
    double sum = 0;

    (void)state;
    for (int i = 1; i <= 8 * SPARKLINE_POINTS; i++)
        sparkline_add(&line, i);
    assert_true(line.count <= SPARKLINE_POINTS && line.count > SPARKLINE_POINTS / 2 - 1);
    for (size_t i = 0; i < line.count; i++)
        sum += line.value[i] * (double)line.each;
    expect_number("all", sum + line.sum, 8.0 * SPARKLINE_POINTS * (8 * SPARKLINE_POINTS + 1) / 2);
    expect_number("the first", line.value[0], (1 + (double)line.each) / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_as_high_as_values),
        cmocka_unit_test(test_more_samples_share_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
