/* The run directory and its name (formats.md, section 8). */
#include "store/run.h"

#include <time.h>

#include "support.h"

/* 2026-03-01 23:59:59 UTC. */
static const int64_t start_ns = INT64_C(1772409599000000000);

static void expect_run(struct run *run, const char *name)
{
    char *folder = memory_printf("runs/%s", name);
    char *workbook = memory_printf("books/consolidated_results_%s.xlsx", name);

    expect_text(name, run->name, name);
    expect_text(name, run->folder, folder);
    expect_text(name, run->workbook, workbook);
    expect_true(name, file_exists(folder) && !file_exists(workbook));
    free(folder);
    free(workbook);
    run_clear(run);
}

static void test_a_run_is_named_after_its_start_in_local_time(void **state)
{
    struct run run = {0};
    struct error error = {""};

    (void)state;
    setenv("TZ", "UTC-2", 1); /* POSIX: two hours ahead of UTC */
    tzset();
    assert_true(run_create(&run, "runs", "books", NULL, start_ns, &error));
    expect_run(&run, "20260302-015959");
    assert_true(run_create(&run, "runs", "books", NULL, start_ns, &error));
    expect_run(&run, "20260302-015959-2");
    support_write("books/consolidated_results_20260302-015959-3.xlsx", "");
    assert_true(run_create(&run, "runs", "books", NULL, start_ns, &error));
    expect_run(&run, "20260302-015959-4");
}

static void test_a_given_name_must_be_free(void **state)
{
    struct run run = {0};
    struct error error = {""};

    (void)state;
    assert_true(run_create(&run, "a/runs", "b/books", "mine", start_ns, &error));
    assert_string_equal(run.folder, "a/runs/mine");
    assert_string_equal(run.workbook, "b/books/consolidated_results_mine.xlsx");
    run_clear(&run);
    assert_false(run_create(&run, "a/runs", "b/books", "mine", start_ns, &error));
    expect_part("folder", error.text, "a run named 'mine' exists already (a/runs/mine)");
    run_clear(&run);
    support_write("b/books/consolidated_results_other.xlsx", "");
    assert_false(run_create(&run, "a/runs", "b/books", "other", start_ns, &error));
    expect_part("workbook", error.text,
                "a run named 'other' exists already (b/books/consolidated_results_other.xlsx)");
    assert_false(file_exists("a/runs/other"));
    run_clear(&run);
    run_clear(&run);
}

/* One that was cut off before it began: an empty journal, and what was typed for it. */
static void test_what_was_typed_for_a_run_that_never_began_goes_with_it(void **state)
{
    struct run run = {0};
    struct error error = {""};

    (void)state;
    assert_true(file_make_folders("runs/mine/inputs", &error));
    support_write("runs/mine/inputs/rows.csv", "");
    support_write("runs/mine/inputs/config.yaml", "");
    support_write("runs/mine/journal.jsonl", "");
    assert_false(run_is_taken("runs", "books", "mine", &error));
    assert_true(run_create(&run, "runs", "books", "mine", start_ns, &error));
    assert_false(file_exists("runs/mine/inputs"));
    assert_true(file_make_folders("runs/mine/inputs", &error));
    support_write("runs/mine/inputs/rows.csv", "");
    run_abandon(&run, true);
    assert_false(file_exists("runs/mine"));
    run_clear(&run);
}

static void test_folders_that_cannot_be_made_are_reported(void **state)
{
    struct run run = {0};
    struct error error = {""};

    (void)state;
    support_write("file", "");
    assert_false(run_create(&run, "file", "books", NULL, start_ns, &error));
    expect_part("runs", error.text, "file: is not a folder");
    assert_false(run_create(&run, "runs", "file/books", NULL, start_ns, &error));
    expect_part("books", error.text, "file/books: the folder cannot be made");
    run_clear(&run);
}

static void test_paths_of_files_in_it(void **state)
{
    static char name[] = "n", folder[] = "runs/n";
    const struct run run = {name, folder, NULL};
    char *path = run_path(&run, "step", "_summary.json");

    (void)state;
    assert_string_equal(path, "runs/n/step_summary.json");
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_run_is_named_after_its_start_in_local_time),
        in_folder(test_a_given_name_must_be_free),
        in_folder(test_what_was_typed_for_a_run_that_never_began_goes_with_it),
        in_folder(test_folders_that_cannot_be_made_are_reported),
        cmocka_unit_test(test_paths_of_files_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
