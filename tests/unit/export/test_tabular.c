/* One table, in either form. */
#include "export/tabular.h"

#include <math.h>
#include <stdlib.h>

#include "support.h"

static void write_line(struct tabular *tabular, const char *text, double number)
{
    tabular_text(tabular, "a", text);
    tabular_number(tabular, "b \"c\"", number);
    tabular_text(tabular, "d", text ? text : "d");
    tabular_end(tabular);
}

static char *written(enum tabular_form form)
{
    struct tabular tabular;
    char *bytes;
    size_t length;
    FILE *out = open_memstream(&bytes, &length);

    if (tabular_begin(&tabular, out, form))
        write_line(&tabular, "not shown", 7);
    write_line(&tabular, "x", 0.1);
    write_line(&tabular, NULL, NAN);
    write_line(&tabular, "", INFINITY);
    tabular_clear(&tabular);
    fclose(out);
    return bytes;
}

static void test_what_is_not_known_is_empty_in_one_and_absent_in_the_other(void **state)
{
    char *csv = written(TABULAR_CSV), *json = written(TABULAR_JSON);

    (void)state;
    assert_string_equal(csv, "\"a\",\"b \"\"c\"\"\",\"d\"\n\"x\",0.1,\"x\"\n,,\"d\"\n,,\n");
    assert_string_equal(json, "{\"a\":\"x\",\"b \\\"c\\\"\":0.1,\"d\":\"x\"}\n{\"d\":\"d\"}\n{}\n");
    free(csv);
    free(json);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_known_is_empty_in_one_and_absent_in_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
