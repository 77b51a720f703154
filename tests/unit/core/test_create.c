/* New files: all of them or none, and none that replaces another. */
#include "core/create.h"

#include <sys/stat.h>

#include "support.h"

static const struct create_file files[] = {{"a", "one\n"}, {"in/b", "two\n"}, {"in/deep/c", ""}};

static void expect_content(const char *path, const char *content)
{
    struct text text = {0};
    struct error error;

    assert_true(file_read(path, 100, &text, &error));
    expect_text(path, text.bytes ? text.bytes : "", content);
    text_clear(&text);
}

static void test_all_are_written(void **state)
{
    static const char *const folders[] = {".", "new", "new/and/deeper", "there/"};

    (void)state;
    assert_int_equal(mkdir("there", 0777), 0);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        struct error error = {""};

        expect_true(folders[i], create_files(folders[i], files, COUNT_OF(files), &error));
        for (size_t k = 0; k < COUNT_OF(files); k++) {
            char *path = file_join(folders[i], files[k].path);

            expect_content(path, files[k].text);
            free(path);
        }
    }
}

static void test_none_where_one_cannot_be(void **state)
{
    static const struct {
        const char *name, *folder, *there, *what;
    } cases[] = {
        {"the first is there", "f", "f/a", "f/a: is there already"},
        {"the last is there", "f", "f/in/deep/c", "f/in/deep/c: is there already"},
        {"a file for a folder of one", "f", "f/in/deep", "f/in/deep: is not a folder"},
        {"a file for the folder", "f/x", "f/x", "f/x: is not a folder"},
        {"a file above it", "f/x/y", "f/x", "f/x: is not a folder"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""}, unused;
        char *above = file_folder(cases[i].there);

        assert_true(file_make_folders(above, &unused));
        support_write(cases[i].there, "theirs");
        expect_true(cases[i].name, !create_files(cases[i].folder, files, COUNT_OF(files), &error));
        expect_part(cases[i].name, error.text, cases[i].what);
        expect_content(cases[i].there, "theirs");
        /* What is there now is theirs alone: it goes, and nothing else is left. */
        assert_int_equal(unlink(cases[i].there), 0);
        while (strcmp(above, "f") != 0) {
            char *next = file_folder(above);

            expect_true(above, rmdir(above) == 0);
            free(above);
            above = next;
        }
        expect_true(cases[i].name, rmdir("f") == 0);
        free(above);
    }
}

/* Nothing stands under the name of a link that leads nowhere, and yet it is somebody's. */
static void test_a_link_is_not_written_through(void **state)
{
    struct error error = {""};

    (void)state;
    assert_int_equal(symlink("elsewhere", "a"), 0);
    assert_false(create_files(".", files, COUNT_OF(files), &error));
    expect_part("link", error.text, "a: is there already");
    assert_false(file_exists("elsewhere"));
    assert_false(file_exists("in"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_all_are_written),
        in_folder(test_none_where_one_cannot_be),
        in_folder(test_a_link_is_not_written_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
