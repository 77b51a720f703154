/* One line of a `.env` file (formats.md, section 3); what is made of them: test_environment.c. */
#include "plan/env_file.h"

#include "support.h"

static void test_lines_of_a_file_in_all_their_shapes(void **state)
{
    /* clang-format off */
    static const struct {
        const char *line, *name, *value; /* name NULL: sets nothing */
    } cases[] = {
        {"A=b", "A", "b"}, {"  A = b  ", "A", "b"}, {"\tA\t=\tb\t", "A", "b"},
        {"export A=b", "A", "b"}, {"export\t A = b", "A", "b"}, {"exporter=b", "exporter", "b"},
        {"export=b", "export", "b"}, {"A=\"b\"", "A", "b"}, {"A = 'b'", "A", "b"},
        {"A=\" b # c \" # d", "A", " b # c "}, {"A='b \\' # d", "A", "b \\"},
        {"A=\"b \\\"c\\\" \\\\ \\n\"", "A", "b \"c\" \\ \\n"}, {"A='say \"b\"'", "A", "say \"b\""},
        {"A=b # a comment", "A", "b"}, {"A=b#c", "A", "b#c"}, {"A=#c", "A", ""}, {"A=", "A", ""},
        {"A=\"\"", "A", ""}, {"A=b=c==", "A", "b=c=="},
        {"A=https://h:8080/v1?x=1", "A", "https://h:8080/v1?x=1"}, {"_a1=b", "_a1", "b"},
        {"A=b\r", "A", "b"}, {"# A=b", NULL, NULL}, {"  #A=b", NULL, NULL}, {"", NULL, NULL},
        {"A", NULL, NULL}, {"=b", NULL, NULL}, {"1A=b", NULL, NULL}, {"A B=c", NULL, NULL},
        {"A-B=c", NULL, NULL},
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *name = NULL, *value = NULL;
        bool sets = env_file_parse_line(cases[i].line, &name, &value);

        expect_true(cases[i].line, sets == (cases[i].name != NULL));
        if (sets) {
            expect_text(cases[i].line, name, cases[i].name);
            expect_text(cases[i].line, value, cases[i].value);
        }
        free(name);
        free(value);
    }
}

/* Lines behind a zero would not be seen; UTF-16 is full of them. */
static void test_a_file_with_a_zero_is_told(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *fault;
    } cases[] = {
        {"A=b\n", 4, NULL},
        {"A=b\n\0C=d\n", 9, ".env: holds a zero byte"},
        {"\xff\xfe"
         "A\0=\0b\0\n\0",
         10, ".env: holds a zero byte"},
        {"", 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct env_file file = {0};
        struct faults faults = {0};
        struct error error;

        assert_true(file_write(".env", cases[i].bytes, cases[i].length, &error));
        env_file_read(&file, ".", &faults);
        expect_faults(cases[i].bytes, &faults, cases[i].fault);
        env_file_clear(&file);
        faults_clear(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_a_file_in_all_their_shapes),
        in_folder(test_a_file_with_a_zero_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
