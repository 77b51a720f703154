/* ${NAME} in a text. */
#include "core/expand.h"

#include "support.h"

static void test_variables_become_their_values(void **state)
{
    static const struct {
        const char *text, *expanded, *missing;
    } cases[] = {
        {"", "", NULL},
        {"plain", "plain", NULL},
        {"${A}", "one", NULL},
        {"x${A}y${B_2}z", "xoneytwoz", NULL},
        {"${A}${A}", "oneone", NULL},
        {"${EMPTY}", "", NULL},
        {"${EMPTY:-d}", "d", NULL},
        {"${A:-d}", "one", NULL},
        {"${NONE:-a b}", "a b", NULL},
        {"${NONE:-}", "", NULL},
        {"a${NONE}b", NULL, "NONE"},
        {"${A}${NONE}${OTHER}", NULL, "NONE"},
        {"$A", "$A", NULL},
        {"$${A}", "$one", NULL},
        {"${A", "${A", NULL},
        {"${}", "${}", NULL},
        {"${1}", "${1}", NULL},
        {"${A B}", "${A B}", NULL},
        {"${A:b}", "${A:b}", NULL},
    };

    (void)state;
    setenv("A", "one", 1);
    setenv("B_2", "two", 1);
    setenv("EMPTY", "", 1);
    unsetenv("NONE");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *missing = NULL, *expanded = expand_by_environment(cases[i].text, &missing);

        expect_true(cases[i].text, (expanded == NULL) == (cases[i].expanded == NULL));
        if (expanded)
            expect_text(cases[i].text, expanded, cases[i].expanded);
        else
            expect_text(cases[i].text, missing, cases[i].missing);
        free(expanded);
        free(missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables_become_their_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
