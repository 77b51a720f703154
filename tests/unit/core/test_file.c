/* Files whole, their names, and SHA-256. */
#include "core/file.h"

#include <dirent.h>
#include <sys/stat.h>

#include "support.h"

static void test_what_was_written_is_read_and_nothing_else_is_left(void **state)
{
    struct text text = {0};
    struct error error;
    struct dirent *entry;
    DIR *folder;
    int entries = 0;

    (void)state;
    assert_true(file_write("a.txt", "old", 3, &error));
    assert_true(file_write("a.txt", "new\0er", 6, &error));
    assert_true(file_read("a.txt", 6, &text, &error));
    assert_int_equal(text.length, 6);
    assert_memory_equal(text.bytes, "new\0er", 6);
    text_clear(&text);
    folder = opendir(".");
    while ((entry = readdir(folder)))
        entries += entry->d_name[0] != '.' || entry->d_name[1] == 'p';
    closedir(folder);
    assert_int_equal(entries, 1);
}

static void test_a_file_that_cannot_be_read_says_why(void **state)
{
    static const struct {
        const char *path, *part;
    } cases[] = {
        {"missing.csv", "'missing.csv' cannot be opened: No such file"},
        {"folder", "'folder' is a folder; a file is needed here"},
        {"large.txt", "large.txt: larger than 10 bytes"},
    };
    struct error error;

    (void)state;
    assert_int_equal(mkdir("folder", 0777), 0);
    support_write("large.txt", "eleven byte");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        expect_true(cases[i].path, !file_read(cases[i].path, 10, &text, &error));
        expect_part(cases[i].path, error.text, cases[i].part);
        text_clear(&text);
    }
}

static void test_a_file_that_cannot_be_written_says_why(void **state)
{
    struct error error;

    (void)state;
    assert_false(file_write("no/such/folder.txt", "x", 1, &error));
    expect_part("no folder", error.text, "no/such/folder.txt: cannot be written: No such file");
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_false(file_write("folder", "x", 1, &error));
    expect_part("a folder", error.text, "folder: cannot be written: Is a directory");
}

static void test_temporary_names_hold_no_word_that_tools_look_for(void **state)
{
    char *name = file_temporary("runs/x_summary.json");

    (void)state;
    expect_part("same folder", name, "runs/");
    assert_null(strstr(name, "summary"));
    free(name);
}

static void test_folders_are_made_with_those_above(void **state)
{
    struct error error;

    (void)state;
    assert_true(file_make_folders("a/b/c", &error));
    assert_true(file_make_folders("a/b/c/", &error));
    assert_true(file_exists("a/b/c"));
    support_write("a/file", "");
    assert_false(file_make_folders("a/file", &error));
    expect_part("a file", error.text, "a/file: is not a folder");
    assert_false(file_make_folders("a/file/d", &error));
    expect_part("below a file", error.text, "a/file/d: the folder cannot be made: Not a directory");
}

static void test_paths_are_joined_and_taken_apart(void **state)
{
    static const struct {
        const char *folder, *name, *joined;
    } joins[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}};
    static const struct {
        const char *path, *folder;
    } folders[] = {{"a/b.c", "a"}, {"b.c", "."}, {"/b.c", "/"}, {"/a/b/c", "/a/b"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(joins); i++) {
        char *joined = file_join(joins[i].folder, joins[i].name);

        expect_text(joins[i].folder, joined, joins[i].joined);
        free(joined);
    }
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        char *folder = file_folder(folders[i].path);

        expect_text(folders[i].path, folder, folders[i].folder);
        free(folder);
    }
}

static void test_a_tilde_alone_stands_for_home(void **state)
{
    static const struct {
        const char *path, *expanded;
    } cases[] = {
        {"~", "/home/me"}, {"~/a.csv", "/home/me/a.csv"}, {"~you/a", "~you/a"}, {"a/~", "a/~"},
        {"", ""},
    };

    (void)state;
    setenv("HOME", "/home/me", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *expanded = file_expand_home(cases[i].path);

        expect_text(cases[i].path, expanded, cases[i].expanded);
        free(expanded);
    }
}

/* FIPS 180-4's examples for SHA-256 (csrc.nist.gov, "Examples with intermediate values"). */
static void test_sha256_follows_fips_180(void **state)
{
    static const struct {
        const char *bytes, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[65];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        file_sha256(cases[i].bytes, strlen(cases[i].bytes), hex);
        expect_text(cases[i].bytes, hex, cases[i].hex);
    }
}

/* A file of more than a piece, as one run of bytes; a folder, a FIFO and nothing have none. */
static void test_a_file_is_digested_in_pieces(void **state)
{
    enum { LENGTH = (1 << 18) + 7 };
    static const char *const none[] = {"missing", "fifo", "."};
    char *bytes = memory_new(LENGTH + 1, 1), hex[65], whole[65];
    struct error error;

    (void)state;
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (char)('a' + i % 23);
    support_write("long", bytes);
    support_write("empty", "");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    file_sha256(bytes, LENGTH, whole);
    assert_true(file_digest("long", hex, &error));
    assert_string_equal(hex, whole);
    assert_true(file_digest("empty", hex, &error));
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < COUNT_OF(none); i++)
        expect_true(none[i], !file_digest(none[i], hex, &error));
    free(bytes);
}

static void test_a_temporary_folder_goes_with_all_that_is_in_it(void **state)
{
    struct error error;
    char *first, *second, *inside;

    (void)state;
    support_write("outside", "stays");
    setenv("TMPDIR", ".", 1);
    first = file_make_temporary_folder(&error);
    second = file_make_temporary_folder(&error);
    unsetenv("TMPDIR");
    assert_true(first && second && strcmp(first, second) != 0);
    inside = file_join(first, "a/b");
    assert_true(file_make_folders(inside, &error));
    assert_int_equal(chdir(inside), 0);
    support_write("file", "goes");
    assert_int_equal(symlink("../../../outside", "link"), 0);
    assert_int_equal(chdir("../../.."), 0);
    file_remove_folder(first);
    expect_true("removed", !file_exists(first));
    expect_true("what a link points to", file_exists("outside"));
    expect_true("another folder", file_exists(second));
    free(inside);
    free(first);
    free(second);
}

static void test_no_temporary_folder_says_why(void **state)
{
    struct error error = {""};

    (void)state;
    setenv("TMPDIR", "no/such/place", 1);
    expect_true("none", !file_make_temporary_folder(&error));
    unsetenv("TMPDIR");
    expect_part("why", error.text, "the temporary folder cannot be made: No such file");
}

static void test_a_file_is_looked_for_here_then_beside(void **state)
{
    static const struct {
        const char *path, *found;
    } cases[] = {
        {"both", "both"},
        {"there", "a/there"},
        {"none", "none"},
        {"/none", "/none"},
    };
    struct error error;

    (void)state;
    assert_true(file_make_folders("a", &error));
    support_write("both", "");
    support_write("a/both", "");
    support_write("a/there", "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *found = file_find(cases[i].path, "a/config.yaml");

        expect_text(cases[i].path, found, cases[i].found);
        free(found);
    }
}

/* The size of this process's table of open files, from proc(5). */
static size_t table_size(void)
{
    FILE *status = fopen("/proc/self/status", "re");
    char line[256];
    size_t size = 0;

    while (status && fgets(line, sizeof line, status) && sscanf(line, "FDSize: %zu", &size) != 1)
        continue;
    assert_non_null(status);
    fclose(status);
    return size;
}

static void test_room_is_made_for_open_files_and_none_stays_open(void **state)
{
    int before = dup(STDOUT_FILENO), after;

    (void)state;
    assert_true(table_size() < 900);
    file_make_room(900);
    assert_true(table_size() >= 900);
    after = dup(STDOUT_FILENO);
    assert_int_equal(after, before + 1);
    close(before);
    close(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_is_made_for_open_files_and_none_stays_open),
        in_folder(test_what_was_written_is_read_and_nothing_else_is_left),
        in_folder(test_a_file_that_cannot_be_read_says_why),
        in_folder(test_a_file_that_cannot_be_written_says_why),
        cmocka_unit_test(test_temporary_names_hold_no_word_that_tools_look_for),
        in_folder(test_folders_are_made_with_those_above),
        cmocka_unit_test(test_paths_are_joined_and_taken_apart),
        cmocka_unit_test(test_a_tilde_alone_stands_for_home),
        in_folder(test_a_temporary_folder_goes_with_all_that_is_in_it),
        cmocka_unit_test(test_no_temporary_folder_says_why),
        cmocka_unit_test(test_sha256_follows_fips_180),
        in_folder(test_a_file_is_digested_in_pieces),
        in_folder(test_a_file_is_looked_for_here_then_beside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
