/* Files of a run: what is given out, and that no path and no link leads elsewhere. */
#include "serve/runs/run_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "support.h"

static void make_world(void)
{
    struct error error;

    assert_true(file_make_folders("root/group/run/inputs/deep/deeper", &error));
    support_write("secret", "elsewhere");
    support_write("root/group/run/manifest.json", "{}");
    support_write("root/group/run/.hidden", "x");
    support_write("root/group/run/inputs/rows.csv", "abc");
    support_write("root/group/run/inputs/deep/a", "a");
    support_write("root/group/run/inputs/deep/deeper/b", "b");
    assert_int_equal(symlink("../../../secret", "root/group/run/link"), 0);
    assert_int_equal(symlink("..", "root/group/run/up"), 0);
    assert_int_equal(symlink("group", "root/alias"), 0);
    assert_int_equal(mkfifo("root/group/run/pipe", 0600), 0);
}

static void test_only_what_is_below_is_opened(void **state)
{
    static const struct {
        const char *path;
        int64_t length; /* −1: not opened */
    } cases[] = {
        {"manifest.json", 2},
        {"inputs/rows.csv", 3},
        {"link", -1},
        {"up/run/manifest.json", -1},
        {"../run/manifest.json", -1},
        {"./manifest.json", -1},
        {"inputs/../manifest.json", -1},
        {"/etc/passwd", -1},
        {"inputs//rows.csv", -1},
        {"inputs", -1},
        {"pipe", -1}, /* and nobody waits for it */
        {"nothing", -1},
        {"", -1},
    };
    int root, run;

    (void)state;
    make_world();
    root = open("root", O_RDONLY | O_DIRECTORY);
    run = run_folder_open(root, "group/run");
    assert_true(run >= 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t length = 0;
        int file = run_folder_open_file(run, cases[i].path, &length);

        expect_true(cases[i].path, (file >= 0) == (cases[i].length >= 0));
        if (file < 0)
            continue;
        expect_true(cases[i].path, length == (uint64_t)cases[i].length);
        close(file);
    }
    expect_true("a link on the way", run_folder_open(root, "alias/run") < 0);
    expect_true("up", run_folder_open(root, "group/..") < 0);
    expect_true("a file", run_folder_open(root, "group/run/manifest.json") < 0);
    close(run);
    close(root);
}

static void test_all_of_a_run_is_listed(void **state)
{
    static const char *const wanted[] = {"inputs/deep/a", "inputs/deep/deeper/b", "inputs/rows.csv",
                                         "manifest.json"};
    struct run_folder_files files;
    int run;

    (void)state;
    make_world();
    run = open("root/group/run", O_RDONLY | O_DIRECTORY);
    run_folder_list(run, &files);
    assert_int_equal(files.count, COUNT_OF(wanted));
    for (size_t i = 0; i < files.count; i++)
        expect_text("a file", files.file[i].path, wanted[i]);
    run_folder_files_clear(&files);
    close(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_only_what_is_below_is_opened),
        in_folder(test_all_of_a_run_is_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
