/* Files that come to their places together, under names that nobody has taken. */
#include "core/staging.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "support.h"

static char *const names[] = {(char *)"a", (char *)"b"};

static void make(const struct staging *staging, const char *content)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *path = staging_path(staging, names[i]);

        support_write(path, content);
        free(path);
    }
}

static void expect_content(const char *path, const char *content)
{
    struct text text = {0};
    struct error error;

    assert_true(file_read(path, 100, &text, &error));
    expect_text(path, text.bytes, content);
    text_clear(&text);
}

static void test_all_come_or_none(void **state)
{
    static const struct {
        const char *name, *there; /* before */
        bool replaces;
        enum staging_end end;
    } cases[] = {
        {"nothing there", NULL, false, STAGING_SETTLED},
        {"the first taken", "f/a", false, STAGING_TAKEN},
        {"the last taken", "f/b", false, STAGING_TAKEN},
        {"replaced", "f/b", true, STAGING_SETTLED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool settles = cases[i].end == STAGING_SETTLED;
        struct staging staging;
        struct error error = {""};

        assert_int_equal(mkdir("f", 0777), 0);
        if (cases[i].there)
            support_write(cases[i].there, "theirs");
        assert_true(staging_begin(&staging, "f", "a", &error));
        make(&staging, "ours");
        expect_true(cases[i].name, staging_settle(&staging, names, COUNT_OF(names),
                                                  cases[i].replaces, &error) == cases[i].end);
        staging_end(&staging);
        expect_true(cases[i].name, file_exists("f/a") ==
                                       (settles || (cases[i].there && cases[i].there[2] == 'a')));
        if (settles)
            expect_content("f/a", "ours");
        else
            expect_content(cases[i].there, "theirs");
        file_remove_folder("f");
    }
}

static void test_what_cannot_be_settled_is_reported_by_its_place(void **state)
{
    struct staging staging;
    struct error error = {""};

    (void)state;
    assert_false(staging_begin(&staging, "nowhere", "a", &error));
    expect_part("no folder", error.text, "nowhere/a: cannot be written: No such file");
    assert_int_equal(mkdir("f", 0777), 0);
    assert_true(staging_begin(&staging, "f", "a", &error));
    assert_int_equal(staging_settle(&staging, names, 1, false, &error), STAGING_FAILED);
    expect_part("never made", error.text, "f/a: cannot be written: No such file");
    error_set(&error, "%s/a: is full; twice", staging.temporary);
    staging_rename_in(&staging, &error);
    expect_text("place", error.text, "f/a: is full; twice");
    staging_end(&staging);
}

static void test_what_is_at_work_is_not_swept(void **state)
{
    struct staging staging;
    struct error error = {""};
    char *working;

    (void)state;
    assert_int_equal(mkdir("f", 0777), 0);
    assert_int_equal(mkdir("f/.part-left", 0777), 0);
    support_write("f/.part-left/x", "half");
    support_write("f/.part-file", "half");
    support_write("f/other", "whole");
    assert_true(staging_begin(&staging, "f", "a", &error));
    working = memory_text(staging.temporary);
    staging_sweep("f", false);
    assert_false(file_exists("f/.part-left"));
    assert_true(file_exists("f/.part-file") && file_exists(working));
    staging_sweep("f", true);
    assert_false(file_exists("f/.part-file"));
    assert_true(file_exists("f/other") && file_exists(working));
    staging_end(&staging);
    assert_false(file_exists(working));
    staging_sweep("nowhere", true);
    free(working);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_all_come_or_none),
        in_folder(test_what_cannot_be_settled_is_reported_by_its_place),
        in_folder(test_what_is_at_work_is_not_swept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
