/* Which run directories are below a folder, and what tells that one has changed. */
#include "store/index/scan.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "support.h"

static void put(const char *path)
{
    struct error error;
    char *folder = file_folder(path);

    assert_true(file_make_folders(folder, &error));
    support_write(path, "{}");
    free(folder);
}

/* The paths that are found, each in brackets. */
static char *found(void)
{
    struct scan scan;
    struct error error;
    struct text text = {0};

    assert_true(scan_find("root", &scan, &error));
    for (size_t i = 0; i < scan.count; i++)
        text_printf(&text, "[%s]", scan.folder[i].path);
    for (size_t i = 0; i < scan.problems.count; i++)
        text_printf(&text, " %s", scan.problems.text[i]);
    scan_clear(&scan);
    return text_take(&text);
}

static void test_runs_are_found_four_folders_deep_and_no_link_is_followed(void **state)
{
    char *paths;

    (void)state;
    put("outside/run/manifest.json");
    put("root/b/manifest.json");
    put("root/a/day/x/manifest.json");
    put("root/a-b/manifest.json");
    put("root/1/2/3/4/deep/manifest.json");
    put("root/1/2/3/4/5/deeper/manifest.json");
    put("root/kit/x_summary.json");
    put("root/.workbench/hidden/manifest.json");
    put("root/b_kit/manifest.json");
    put("root/b_kit/export.json");
    put("root/notes/readme.json");
    put("root/b/inside/manifest.json");
    assert_int_equal(symlink("../outside", "root/link"), 0);
    assert_int_equal(symlink("b", "root/c"), 0);
    paths = found();
    expect_text("found", paths, "[1/2/3/4/deep][a-b][a/day/x][b][kit]");
    free(paths);
}

static void test_a_name_that_is_no_text_is_told_and_left_out(void **state)
{
    char *paths;

    (void)state;
    put("root/a/manifest.json");
    put("root/b\xff/manifest.json");
    put("root/c\nd/manifest.json");
    paths = found();
    expect_part("kept", paths, "[a]");
    expect_part("no UTF-8", paths, " root/b?: is left out: its name is no text; rename it");
    expect_part("a line's end", paths, " root/c?d: is left out: its name is no text; rename it");
    free(paths);
}

static char *stamp_of_first(void)
{
    struct scan scan;
    struct error error;
    char *stamp;

    assert_true(scan_find("root", &scan, &error));
    stamp = memory_text(scan.folder[0].stamp);
    scan_clear(&scan);
    return stamp;
}

static void wait_until_settled(void)
{
    for (char *stamp = stamp_of_first();; stamp = stamp_of_first()) {
        bool settled = *stamp != '\0';

        free(stamp);
        if (settled)
            return;
        usleep(100 * 1000);
    }
}

/* What has just changed may change again without a later time. */
static void test_a_stamp_tells_of_every_change_and_waits_until_it_can(void **state)
{
    char *first, *second;
    struct stat about;

    (void)state;
    put("root/a/manifest.json");
    first = stamp_of_first();
    expect_text("too young", first, "");
    free(first);
    wait_until_settled();
    first = stamp_of_first();
    second = stamp_of_first();
    expect_text("nothing has changed", second, first);
    free(second);
    assert_int_equal(stat("root/a/manifest.json", &about), 0);
    support_write("root/a/manifest.json", "[]");
    assert_int_equal(utimensat(AT_FDCWD, "root/a/manifest.json",
                               (struct timespec[]){about.st_atim, about.st_mtim}, 0),
                     0);
    wait_until_settled();
    second = stamp_of_first();
    expect_true("same size, and the old time put back", strcmp(first, second) != 0);
    free(first);
    put("root/a/x_summary.json");
    wait_until_settled();
    first = stamp_of_first();
    expect_true("another file", strcmp(first, second) != 0);
    free(first);
    free(second);
}

static void test_a_root_is_a_folder_and_no_run(void **state)
{
    struct error error;

    (void)state;
    assert_false(scan_may("root", &error));
    expect_text("not there", error.text,
                "root: cannot be read: No such file or directory; name a folder of runs");
    put("root/manifest.json");
    assert_false(scan_may("root", &error));
    expect_text("a run", error.text, "root: is a run itself; name the folder that holds it");
    assert_false(scan_may("root/manifest.json", &error));
    expect_text("a file", error.text, "root/manifest.json: is no folder; name one that holds runs");
    assert_true(scan_may(".", &error));
}

static void test_what_cannot_be_read_is_not_gone(void **state)
{
    static char day[] = "1.0/day";
    char *unread[] = {day};
    const struct scan scan = {.unread = unread, .unreads = 1};

    (void)state;
    assert_true(scan_cannot_tell(&scan, "1.0/day"));
    assert_true(scan_cannot_tell(&scan, "1.0/day/run"));
    assert_false(scan_cannot_tell(&scan, "1.0/day-2/run"));
    assert_false(scan_cannot_tell(&scan, "1.0"));
}

static void test_a_link_among_a_runs_files_is_named(void **state)
{
    char *name;

    (void)state;
    put("root/a/manifest.json");
    assert_int_equal(symlink("nowhere", "root/a/notes.txt"), 0);
    assert_null(scan_find_link("root/a"));
    assert_int_equal(symlink("/etc/passwd", "root/a/x_summary.json"), 0);
    name = scan_find_link("root/a");
    expect_text("the link", name, "x_summary.json");
    free(name);
    assert_null(scan_find_link("nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_runs_are_found_four_folders_deep_and_no_link_is_followed),
        in_folder(test_a_name_that_is_no_text_is_told_and_left_out),
        in_folder(test_a_stamp_tells_of_every_change_and_waits_until_it_can),
        in_folder(test_a_root_is_a_folder_and_no_run),
        in_folder(test_what_cannot_be_read_is_not_gone),
        in_folder(test_a_link_among_a_runs_files_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
