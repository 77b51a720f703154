/* Cells of a CSV. */
#include "core/csv_text.h"

#include "support.h"

static void test_a_cell_reads_as_its_text(void **state)
{
    static const struct {
        const char *cell, *written;
    } cases[] = {
        {"", "\"\""},
        {"a", "\"a\""},
        {"a,b\nc", "\"a,b\nc\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"200→8", "\"200→8\""},
        {"=1+1", "\" =1+1\""},
        {"+1", "\" +1\""},
        {"-1", "\" -1\""},
        {"@a", "\" @a\""},
        {"\ta", "\" \ta\""},
        {"1-1", "\"1-1\""},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        csv_add_text(&text, cases[i].cell);
        expect_text(cases[i].cell, text.bytes, cases[i].written);
        text_clear(&text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cell_reads_as_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
