/* The table of writers, and where a run goes. */
#include "export/export.h"

#include "support.h"

static void test_the_table_and_what_help_shows_are_the_same(void **state)
{
    struct text names = {0};

    (void)state;
    for (const struct export_writer *writer = export_table; writer->name; writer++) {
        assert_true(writer->help && writer->write);
        assert_ptr_equal(export_find(writer->name), writer);
        text_printf(&names, "%s%s", names.length > 0 ? "|" : "", writer->name);
    }
    assert_string_equal(names.bytes, EXPORT_FORMATS);
    assert_null(export_find("odt"));
    text_clear(&names);
}

static void test_a_run_goes_into_a_folder_of_its_own(void **state)
{
    static const struct {
        const char *folder, *output, *wanted;
    } cases[] = {
        {"runs/r", NULL, "runs/r_kit"},
        {"runs/r/", NULL, "runs/r_kit-2"},
        {"runs/r", "out/deep", "out/deep/r"},
        {"runs/r", "out/deep/", "out/deep/r-2"},
    };
    struct error error = {""};

    (void)state;
    assert_true(file_make_folders("runs/r", &error));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct results run = {.folder = (char *)cases[i].folder, .name = (char *)"r"};
        char *folder, *mark, *content;

        expect_true(cases[i].wanted,
                    export_run(export_find("kit"), &run, cases[i].output, &folder, &error));
        expect_text(cases[i].wanted, folder, cases[i].wanted);
        mark = file_join(folder, results_export_mark);
        content = support_read(mark);
        expect_part(cases[i].wanted, content, "{\"format\":\"kit\",\"run\":\"r\",");
        free(content);
        free(mark);
        free(folder);
    }
}

static void test_where_no_folder_can_be_made_is_reported(void **state)
{
    struct results run = {.folder = (char *)"none/r", .name = (char *)"r"};
    struct error error = {""};
    char *folder = NULL;

    (void)state;
    assert_false(export_run(export_find("kit"), &run, NULL, &folder, &error));
    expect_part("no parent", error.text, "none/r_kit: the folder cannot be made");
    assert_null(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_and_what_help_shows_are_the_same),
        in_folder(test_a_run_goes_into_a_folder_of_its_own),
        in_folder(test_where_no_folder_can_be_made_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
