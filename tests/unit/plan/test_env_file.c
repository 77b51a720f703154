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
static void test_a_file_with_a_zero_is_reported(void **state)
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

/* Of several lines that set it the last, as in a shell; variables of a line by the whole file. */
static void test_what_a_file_sets(void **state)
{
    static const struct {
        const char *name, *bytes, *value;
    } cases[] = {
        {"once", "A=b\n", "b"},
        {"twice", "A=b\nC=d\nA=e\n", "e"},
        {"twice, at last to nothing", "A=b\nA=\n", ""},
        {"twice, by Windows", "A=b\r\nA=e\r\n", "e"},
        {"another", "B=c\n", NULL},
        {"a comment behind it", "A=b\n# A=c\n", "b"},
        {"of a variable that is set later", "A=${COEBENCH_B}/c\nCOEBENCH_B=b\n", "b/c"},
        {"of one that is set twice", "COEBENCH_B=b\nA=${COEBENCH_B}\nCOEBENCH_B=c\n", "c"},
        {"of none", "A=${COEBENCH_B}\n", NULL},
        {"of none in quotes that mean what they say", "A='${COEBENCH_B}'\n", "${COEBENCH_B}"},
        {"behind a byte-order mark",
         "\xef\xbb\xbf"
         "A=b\n",
         "b"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct env_file file = {0};
        struct faults faults = {0};
        char *value;

        support_write(".env", cases[i].bytes);
        env_file_read(&file, ".", &faults);
        expect_faults(cases[i].name, &faults, NULL);
        value = env_file_find(&file, "A");
        expect_text(cases[i].name, value ? value : "nothing",
                    cases[i].value ? cases[i].value : "nothing");
        free(value);
        env_file_clear(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_a_file_in_all_their_shapes),
        in_folder(test_a_file_with_a_zero_is_reported),
        in_folder(test_what_a_file_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
