/* What is odd about a key. */
#include "plan/key.h"

#include "support.h"

static void test_what_stands_around_a_key(void **state)
{
    static const struct {
        const char *key, *shape;
    } cases[] = {
        {"sk-1", NULL},
        {"", NULL},
        {"Bearer-of-news", NULL},
        {"a b", NULL},
        {"it's", NULL},
        {" sk-1", " ***"},
        {"sk-1\t ", "***\t "},
        {"\"sk-1\"", "\"***\""},
        {"'sk-1'", "'***'"},
        {"Bearer sk-1", "Bearer ***"},
        {" 'bearer  sk-1' ", " 'bearer  ***' "},
        {"  ", "  ***"},
        {"Bearer ", "Bearer ***"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *shape = key_shape(cases[i].key);

        if (cases[i].shape)
            expect_text(cases[i].key, shape ? shape : "none", cases[i].shape);
        else
            expect_true(cases[i].key, shape == NULL);
        free(shape);
    }
}

static void test_a_key_that_is_too_short_to_hide(void **state)
{
    static const struct {
        const char *key;
        size_t warnings;
    } cases[] = {{"", 0}, {"a", 1}, {"abc", 1}, {"abcd", 0}, {"abcdefgh", 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults warnings = {0};

        key_warn_of_length(cases[i].key, "SAID_HERE", &warnings);
        assert_int_equal(warnings.count, cases[i].warnings);
        if (warnings.count > 0)
            assert_non_null(strstr(warnings.text[0], "SAID_HERE: a key of fewer than 4"));
        faults_clear(&warnings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stands_around_a_key),
        cmocka_unit_test(test_a_key_that_is_too_short_to_hide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
