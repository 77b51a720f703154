/* The folder of a run that was typed: it is there before the plan is checked, and goes without a
 * trace where the run does not begin. */
#include "job/typed_run.h"

#include <sys/stat.h>

#include "support.h"

static const struct typed_config config = {.api = "openai", .timeout = "9"};

static bool make(struct typed_run *typed, const char *results, const char *name,
                 struct error *error)
{
    struct text rows = {0};
    bool done;

    text_add_string(&rows, "model_name\nm\n");
    done = typed_run_make(typed, results, name, &rows, &config, error);
    text_clear(&rows);
    return done;
}

static void test_files_stand_in_the_folder(void **state)
{
    struct typed_run typed;
    struct error error;
    char *text;

    (void)state;
    assert_true(make(&typed, "a/b", "mine", &error));
    assert_string_equal(typed.run.folder, "a/b/mine");
    assert_string_equal(typed.config, "a/b/mine/inputs/config.yaml");
    text = support_read("a/b/mine/inputs/rows.csv");
    assert_string_equal(text, "model_name\nm\n");
    free(text);
    text = support_read(typed.config);
    expect_part("config", text, "model_configs_path: \"a/b/mine/inputs/rows.csv\"\n");
    expect_part("config", text, "output_files_dir: \"a/b\"\n");
    expect_part("config", text, "timeout: 9\n");
    free(text);
    typed_run_clear(&typed);
}

static void test_nothing_is_left_where_it_does_not_begin(void **state)
{
    static const struct {
        const char *name, *there, *stays; /* a folder that is there, and what stays of the rest */
    } cases[] = {
        {"all were made", NULL, NULL},
        {"one was there", "a", NULL},
        {"all were there", "a/b/c", NULL},
        {"somebody put something beside it", NULL, "a/b/other"},
        {"somebody put something into it", NULL, "a/b/c/r/other"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct typed_run typed;
        struct error error;
        struct stat about;

        if (cases[i].there)
            assert_true(file_make_folders(cases[i].there, &error));
        assert_true(make(&typed, "a/b/c", "r", &error));
        if (cases[i].stays)
            support_write(cases[i].stays, "");
        typed_run_abandon(&typed);
        typed_run_clear(&typed);
        expect_true(cases[i].name, !file_exists("a/b/c/r/inputs"));
        expect_true(cases[i].name, !cases[i].stays || file_exists(cases[i].stays));
        expect_true(cases[i].name, !cases[i].there || file_exists(cases[i].there));
        expect_true(cases[i].name, cases[i].there || cases[i].stays || !file_exists("a"));
        expect_true(cases[i].name, (stat("a/b/c/r", &about) == 0) ==
                                       (cases[i].stays && strstr(cases[i].stays, "/r/") != NULL));
        file_remove_folder("a");
    }
}

static void test_a_name_that_is_taken_is_reported(void **state)
{
    struct typed_run typed;
    struct error error = {""};

    (void)state;
    assert_true(file_make_folders("a/r", &error));
    support_write("a/r/file", "");
    assert_false(make(&typed, "a", "r", &error));
    expect_part("taken", error.text, "a run named 'r' exists already (a/r)");
    assert_true(file_exists("a/r/file"));
    typed_run_clear(&typed);
    support_write("file", "");
    assert_false(make(&typed, "file/b", NULL, &error));
    expect_part("no folder", error.text, "file");
    typed_run_clear(&typed);
}

static void test_its_config_is_found_where_the_folder_stands_now(void **state)
{
    static char key[] = "config.path";
    static const struct {
        const char *path, *folder, *found;
    } cases[] = {
        {"results/r/inputs/config.yaml", "moved/r", "moved/r/inputs/config.yaml"},
        {"/abs/r/inputs/config.yaml", "moved/r", "moved/r/inputs/config.yaml"},
        {"config.yaml", "moved/r", NULL},
        {"other-inputs/config.yaml", "moved/r", NULL},
        {"inputs/config.yaml", "moved/r", NULL},
        {"results/r/inputs/config.yaml", "nowhere/r", NULL},
    };
    struct error error;

    (void)state;
    assert_true(file_make_folders("moved/r/inputs", &error));
    support_write("moved/r/inputs/config.yaml", "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct manifest_fact fact = {key, memory_text(cases[i].path)};
        const struct manifest_content before = {.fact = &fact, .facts = 1};
        char *found = typed_run_config(cases[i].folder, &before);

        expect_text(cases[i].path, found ? found : "none",
                    cases[i].found ? cases[i].found : "none");
        free(found);
        free(fact.value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_files_stand_in_the_folder),
        in_folder(test_nothing_is_left_where_it_does_not_begin),
        in_folder(test_a_name_that_is_taken_is_reported),
        in_folder(test_its_config_is_found_where_the_folder_stands_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
