/* Data sets: a JSON object a line. */
#include "prompt/dataset.h"

#include "core/file.h"

#include <sys/stat.h>

#include "support.h"

static char *folder, *path;

static void put(const char *name, const char *bytes, size_t length)
{
    char *file = file_join(folder, name);
    struct error error;

    assert_true(file_write(file, bytes, length, &error));
    free(file);
}

static int make_folder(void **state)
{
    struct error error;

    (void)state;
    folder = file_make_temporary_folder(&error);
    path = file_join(folder, "set.jsonl");
    put("a.png", "\x89PNG\r\n\x1a\nrest", 12);
    put("b.jpg", "\xff\xd8\xff\xe0", 4);
    put("c.txt", "text", 4);
    return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    file_remove_folder(folder);
    free(folder);
    free(path);
    return 0;
}

static bool read_lines(const char *bytes, size_t length, struct dataset *dataset,
                       struct faults *faults)
{
    put("set.jsonl", bytes, length);
    return dataset_read(path, dataset, faults);
}

static void test_prompts_and_pictures(void **state)
{
    static const char lines[] = "\xef\xbb\xbf{\"prompt\":\"one\"}\r\n"
                                "\n"
                                " {\"prompt\":\"two\\nlines \\u00e9\",\"image_path\":\"a.png\"} \n"
                                "{\"prompt\":\"three\",\"image_path\":\"b.jpg\",\"more\":[1,NaN]}\n"
                                "{\"prompt\":\"four\",\"image_path\":\"a.png\"}\n"
                                "{\"prompt\":\"five\\\\u0000\",\"image_path\":null}";
    struct dataset dataset = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_lines(lines, sizeof lines - 1, &dataset, &faults));
    assert_int_equal(dataset.count, 5);
    expect_text("escapes", dataset.line[1].prompt, "two\nlines \xc3\xa9");
    expect_text("a backslash", dataset.line[4].prompt, "five\\u0000");
    assert_null(dataset_image_of(&dataset, 0));
    assert_null(dataset_image_of(&dataset, 4));
    assert_int_equal(dataset.images, 2); /* each file once */
    assert_ptr_equal(dataset_image_of(&dataset, 1), dataset_image_of(&dataset, 3));
    expect_text("type", dataset_image_of(&dataset, 1)->type, "image/png");
    expect_text("type", dataset_image_of(&dataset, 2)->type, "image/jpeg");
    expect_text("base64", dataset_image_of(&dataset, 2)->base64.bytes, "/9j/4A==");
    dataset_clear(&dataset);
}

static void test_bad_lines_are_named(void **state)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"What is this?", ":2: is not a JSON object; write {\"prompt\": \"…\"}, one a line"},
        {"[1]", ":2: is not a JSON object"},
        {"{\"prompt\":\"cut", ":2: is not a JSON object"},
        {"{\"prompt\":\"a\",\"score\":nan}", ":2: is not a JSON object"},
        {"{\"prompt\":\"a\"} {\"prompt\":\"b\"}", ":2: is not a JSON object"},
        {"{\"prompt\":\"a\"},", ":2: is not a JSON object"},
        {"{\"prompt\":\"a\\u0000b\"}", ":2: holds \\u0000"},
        {"{\"prompt\":\"a\\\\\\u0000b\"}", ":2: holds \\u0000"},
        {"{\"text\":\"a\"}", ":2: prompt: is missing; write {\"prompt\": \"…\"}"},
        {"{}", ":2: prompt: is missing; write"},
        {"{\"role\":\"user\",\"Prompt\":\"a\"}",
         ":2: prompt: is missing; did you mean it by 'Prompt'?"},
        {"{\"prompt\":\"\"}", ":2: prompt: is not a text, or is empty; write"},
        {"{\"prompt\":7}", ":2: prompt: is not a text"},
        {"{\"prompt\":null}", ":2: prompt: is not a text"},
        {"{\"prompt\":\"a\",\"image_path\":7}", ":2: image_path: is not a text"},
        {"{\"prompt\":\"a\",\"image_path\":\"none.png\"}", "none.png"},
        {"{\"prompt\":\"a\",\"image_path\":\"c.txt\"}", ":2: image_path: "},
        {"{\"prompt\":\"a\xff\"}", ":2: is not UTF-8 text; save the file with that encoding"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text lines = {0};
        struct dataset dataset = {0};
        struct faults faults = {0};

        text_printf(&lines, "{\"prompt\":\"good\"}\n%s\n", cases[i].line);
        assert_false(read_lines(lines.bytes, lines.length, &dataset, &faults));
        assert_int_equal(faults.count, 1);
        expect_part(cases[i].line, faults.text[0], cases[i].says);
        dataset_clear(&dataset);
        faults_clear(&faults);
        text_clear(&lines);
    }
}

/* Each line that names it is told, but only the first has it read. */
static void test_a_bad_picture_is_read_once(void **state)
{
    static const char lines[] = "{\"prompt\":\"a\",\"image_path\":\"c.txt\"}\n"
                                "{\"prompt\":\"b\",\"image_path\":\"a.png\"}\n"
                                "{\"prompt\":\"c\",\"image_path\":\"c.txt\"}\n";
    struct dataset dataset = {0};
    struct faults faults = {0};

    (void)state;
    assert_false(read_lines(lines, sizeof lines - 1, &dataset, &faults));
    assert_int_equal(faults.count, 2);
    expect_part("first", faults.text[0], "neither PNG nor JPEG; convert it");
    expect_part("again", faults.text[1], ":3: image_path: ");
    expect_part("again", faults.text[1], "as for an earlier line");
    dataset_clear(&dataset);
    faults_clear(&faults);
}

static void test_a_picture_has_a_ceiling(void **state)
{
    static const char line[] = "{\"prompt\":\"a\",\"image_path\":\"big.png\"}\n";
    char *big = file_join(folder, "big.png");
    struct dataset dataset = {0};
    struct faults faults = {0};

    (void)state;
    put("big.png", "\x89PNG\r\n\x1a\nrest", 12);
    assert_int_equal(truncate(big, 32 << 20), 0);
    assert_true(read_lines(line, sizeof line - 1, &dataset, &faults));
    dataset_clear(&dataset);
    assert_int_equal(truncate(big, (32 << 20) + 1), 0);
    assert_false(read_lines(line, sizeof line - 1, &dataset, &faults));
    assert_int_equal(faults.count, 1);
    expect_part("big", faults.text[0], "big.png: larger than 33554432 bytes");
    dataset_clear(&dataset);
    faults_clear(&faults);
    free(big);
}

/* A line costs its file's size in memory once, however many names that file has. */
static void test_a_picture_under_many_names_is_read_once(void **state)
{
    struct text lines = {0}, name = {0};
    struct dataset dataset = {0};
    struct faults faults = {0};
    char *linked = file_join(folder, "linked.png"), *file = file_join(folder, "a.png");

    (void)state;
    assert_int_equal(symlink(file, linked), 0);
    text_add_string(&lines, "{\"prompt\":\"a\",\"image_path\":\"linked.png\"}\n");
    for (int i = 0; i < 50; i++) {
        text_printf(&lines, "{\"prompt\":\"a\",\"image_path\":\"%sa.png\"}\n",
                    name.bytes ? name.bytes : "");
        text_add_string(&name, "./");
    }
    assert_true(read_lines(lines.bytes, lines.length, &dataset, &faults));
    assert_int_equal(dataset.count, 51);
    assert_int_equal(dataset.images, 1);
    assert_int_equal(dataset.images_bytes, 12);
    dataset_clear(&dataset);
    text_clear(&lines);
    text_clear(&name);
    unlink(linked);
    free(linked);
    free(file);
}

static void test_pictures_have_a_ceiling_together(void **state)
{
    static const char lines[] = "{\"prompt\":\"a\",\"image_path\":\"a.png\"}\n"
                                "{\"prompt\":\"b\",\"image_path\":\"wide.png\"}\n"
                                "{\"prompt\":\"c\",\"image_path\":\"b.jpg\"}\n";
    struct dataset dataset = {.images_most = 2 << 20};
    struct faults faults = {0};
    char *wide = file_join(folder, "wide.png");

    (void)state;
    put("wide.png", "\x89PNG\r\n\x1a\nrest", 12);
    assert_int_equal(truncate(wide, (2 << 20) - 11), 0);
    assert_false(read_lines(lines, sizeof lines - 1, &dataset, &faults));
    assert_int_equal(faults.count, 1); /* the small one behind it still fits */
    expect_part("wide", faults.text[0], "wide.png the pictures are larger than the 2 MiB");
    dataset_clear(&dataset);
    faults_clear(&faults);
    free(wide);
}

/* It would be waited for without end. */
static void test_a_picture_is_a_regular_file(void **state)
{
    static const char lines[] = "{\"prompt\":\"a\",\"image_path\":\"pipe.png\"}\n"
                                "{\"prompt\":\"a\",\"image_path\":\"/dev/zero\"}\n";
    char *fifo = file_join(folder, "pipe.png");
    struct dataset dataset = {0};
    struct faults faults = {0};

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(read_lines(lines, sizeof lines - 1, &dataset, &faults));
    assert_int_equal(faults.count, 2);
    expect_part("fifo", faults.text[0], "pipe.png: is a FIFO");
    expect_part("device", faults.text[1], "/dev/zero: is a device");
    dataset_clear(&dataset);
    faults_clear(&faults);
    unlink(fifo);
    free(fifo);
}

static void test_many_bad_lines_are_counted(void **state)
{
    struct text lines = {0};
    struct dataset dataset = {0};
    struct faults faults = {0};

    (void)state;
    for (int i = 0; i < 50; i++)
        text_add_string(&lines, "bad\n");
    assert_false(read_lines(lines.bytes, lines.length, &dataset, &faults));
    assert_int_equal(faults.count, 21);
    expect_part("the rest", faults.text[20], "30 more lines like these");
    dataset_clear(&dataset);
    faults_clear(&faults);
    text_clear(&lines);
}

static void test_nothing_in_it_is_a_fault(void **state)
{
    static const char *const files[] = {"", "\n \n", "\xef\xbb\xbf"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct dataset dataset = {0};
        struct faults faults = {0};

        assert_false(read_lines(files[i], strlen(files[i]), &dataset, &faults));
        expect_part("empty", faults.text[0], "holds no prompt");
        dataset_clear(&dataset);
        faults_clear(&faults);
    }
}

static void test_conversations(void **state)
{
    static const struct {
        const char *name, *file;
        size_t lines, silent;
        const char *first, *later; /* of the first line; its later texts by blanks */
        const char *system;
    } cases[] = {
        {"messages",
         "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
         "\"content\":\"x\"},{\"role\":\"user\",\"content\":\"b\"}]}\n",
         1, 0, "a", "b ", NULL},
        {"a system",
         "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\","
         "\"content\":\"a\"},{\"role\":\"system\",\"content\":\"late\"}]}\n",
         1, 0, "a", "", "s"},
        {"parts",
         "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
         "{\"text\":\"b\"}]}]}",
         1, 0, "ab", "", NULL},
        {"sharegpt in one array",
         "[{\"conversations\":[{\"from\":\"gpt\",\"value\":\"x\"},{\"from\":\"human\",\"value\":"
         "\"a]}\\\"\"},{\"from\":\"user\",\"value\":\"b\"}]},\n {\"prompt\":\"c\"}]\n",
         2, 0, "a]}\"", "b ", NULL},
        {"blank texts",
         "{\"conversations\":[{\"from\":\"human\",\"value\":\" \\n\"}]}\n{\"prompt\":\"c\"}\n", 1,
         1, "c", "", NULL},
        {"an empty list first", "[{\"messages\":[]},{\"prompt\":\"c\"}]", 1, 1, "c", "", NULL},
        {"an array that does not end", "[{\"prompt\":\"c\"}", 1, 0, "c", "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct dataset dataset = {0};
        struct faults faults = {0};
        struct text later = {0};

        expect_true(cases[i].name,
                    read_lines(cases[i].file, strlen(cases[i].file), &dataset, &faults));
        expect_true(cases[i].name,
                    dataset.count == cases[i].lines && dataset.silent == cases[i].silent);
        expect_text(cases[i].name, dataset.line[0].prompt, cases[i].first);
        for (size_t t = 0; t < dataset.line[0].later_count; t++)
            text_printf(&later, "%s ", dataset.line[0].later[t]);
        expect_text(cases[i].name, later.bytes ? later.bytes : "", cases[i].later);
        expect_true(cases[i].name, !dataset.line[0].system == !cases[i].system &&
                                       dataset.has_system == (cases[i].system != NULL));
        if (cases[i].system)
            expect_text(cases[i].name, dataset.line[0].system, cases[i].system);
        text_clear(&later);
        dataset_clear(&dataset);
        faults_clear(&faults);
    }
}

static void test_turns_of_lines(void **state)
{
    static const char file[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"user\",\"content\":"
        "\"b\"},{\"role\":\"user\",\"content\":\"c\"}]}\n{\"prompt\":\"d\"}\n";
    struct dataset dataset = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_lines(file, sizeof file - 1, &dataset, &faults));
    assert_int_equal(dataset_turns(&dataset, 0, 9), 3);
    assert_int_equal(dataset_turns(&dataset, 0, 2), 2);
    assert_int_equal(dataset_turns(&dataset, 1, 9), 1);
    assert_int_equal(dataset_turns_most(&dataset), 3);
    expect_number("mean", dataset_turns_mean(&dataset, 9), 2);
    expect_number("cut", dataset_turns_mean(&dataset, 2), 1.5);
    expect_number("held", dataset_turns_held(&dataset, 9), 1.5);
    expect_number("held, cut", dataset_turns_held(&dataset, 2), 0.5);
    dataset_clear(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_turns_of_lines),
        cmocka_unit_test(test_prompts_and_pictures),
        cmocka_unit_test(test_bad_lines_are_named),
        cmocka_unit_test(test_a_bad_picture_is_read_once),
        cmocka_unit_test(test_a_picture_has_a_ceiling),
        cmocka_unit_test(test_a_picture_under_many_names_is_read_once),
        cmocka_unit_test(test_pictures_have_a_ceiling_together),
        cmocka_unit_test(test_a_picture_is_a_regular_file),
        cmocka_unit_test(test_many_bad_lines_are_counted),
        cmocka_unit_test(test_nothing_in_it_is_a_fault),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
