/* The journal: one line of JSON for each thing that happened. */
#include "store/journal.h"

#include <dirent.h>
#include <errno.h>

#include "support.h"

/* The journal's fdatasync is this one. */
static int sync_failure;

int fdatasync(int fd)
{
    (void)fd;
    errno = sync_failure;
    return errno ? -1 : 0;
}

static void test_lines_stand_in_their_order_and_requests_are_read_again(void **state)
{
    struct journal journal = {0};
    struct journal_place place[2];
    struct text one = {0}, two = {0}, again = {0};
    struct error error = {""};
    char *whole;

    (void)state;
    text_add_string(&one, "{\"a\":1}");
    text_add_string(&two, "{\"b\":\"\xc3\xa4\"}");
    assert_true(journal_open(&journal, "journal.jsonl", &error));
    assert_true(journal_add_mark(&journal, 0, "begins", "the \"name\"", &error));
    assert_true(journal_add_request(&journal, 0, &one, &place[0], &error));
    assert_true(journal_add_request(&journal, 12, &two, &place[1], &error));
    assert_true(journal_add_mark(&journal, 0, "ends", "done", &error));
    assert_true(journal_sync(&journal, &error));
    whole = support_read("journal.jsonl");
    assert_string_equal(whole, "{\"step\":0,\"begins\":\"the \\\"name\\\"\"}\n"
                               "{\"step\":0,\"request\":{\"a\":1}}\n"
                               "{\"step\":12,\"request\":{\"b\":\"\xc3\xa4\"}}\n"
                               "{\"step\":0,\"ends\":\"done\"}\n");
    assert_true(journal_read(&journal, place[1], &again, &error));
    assert_true(journal_read(&journal, place[0], &again, &error));
    assert_string_equal(again.bytes, "{\"b\":\"\xc3\xa4\"}{\"a\":1}");
    journal_close(&journal);
    journal_close(&journal);
    free(whole);
    text_clear(&one);
    text_clear(&two);
    text_clear(&again);
}

static void test_a_journal_that_is_there_is_never_written_over(void **state)
{
    struct journal journal = {0};
    struct error error = {""};
    char *whole;

    (void)state;
    support_write("journal.jsonl", "old\n");
    assert_false(journal_open(&journal, "journal.jsonl", &error));
    expect_part("taken", error.text, "journal.jsonl: cannot be written: File exists");
    journal_close(&journal);
    whole = support_read("journal.jsonl");
    assert_string_equal(whole, "old\n");
    free(whole);
    assert_false(journal_open(&journal, "no/folder.jsonl", &error));
    expect_part("no folder", error.text, "no/folder.jsonl: cannot be written: No such file");
    journal_close(&journal);
}

static void test_a_place_that_is_not_there_is_told(void **state)
{
    struct journal journal = {0};
    struct text text = {0};
    struct error error = {""};

    (void)state;
    assert_true(journal_open(&journal, "journal.jsonl", &error));
    assert_true(journal_add_mark(&journal, 0, "begins", "x", &error));
    assert_false(journal_read(&journal, (struct journal_place){10, 1000}, &text, &error));
    expect_part("past the end", error.text, "journal.jsonl: cannot be read again");
    assert_int_equal(text.length, 0);
    journal_close(&journal);
    text_clear(&text);
}

static size_t files_here(void)
{
    struct dirent **names = NULL;
    int count = scandir(".", &names, NULL, NULL);

    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return (size_t)count - 2; /* less . and .. */
}

static void test_lines_of_a_file_without_a_name(void **state)
{
    struct journal journal = {0};
    struct journal_places places = {0};
    struct journal_place place;
    struct text line = {0}, again = {0};
    struct error error = {""};

    (void)state;
    assert_true(journal_open_unnamed(&journal, "texts.jsonl", &error));
    for (size_t i = 0; i < 3; i++) {
        text_reset(&line);
        text_printf(&line, "line %zu\n", i);
        assert_true(journal_add_line(&journal, &line, &place, &error));
        journal_places_set(&places, 100 * (2 - i), place);
    }
    assert_int_equal(places.count, 201);
    for (size_t i = 0; i <= 200; i++) {
        if (i % 100)
            assert_int_equal(places.place[i].length, 0);
        else
            assert_true(journal_read(&journal, places.place[i], &again, &error));
    }
    assert_string_equal(again.bytes, "line 2\nline 1\nline 0\n");
    assert_int_equal(files_here(), 0);
    journal_close(&journal);
    assert_false(journal_open_unnamed(&journal, "no/texts.jsonl", &error));
    expect_part("no folder", error.text, "no/texts.jsonl: cannot be written: No such file");
    journal_close(&journal);
    journal_places_clear(&places);
    text_clear(&line);
    text_clear(&again);
}

/* The system tells only the first who asks that data was lost; the journal tells all. */
static void test_what_did_not_reach_the_disk_is_told_ever_after(void **state)
{
    struct journal journal = {0};
    struct error error = {""};

    (void)state;
    assert_true(journal_open(&journal, "journal.jsonl", &error));
    assert_true(journal_sync(&journal, &error));
    sync_failure = EIO;
    assert_false(journal_sync(&journal, &error));
    sync_failure = 0;
    error.text[0] = '\0';
    assert_false(journal_sync(&journal, &error));
    expect_part("still", error.text, "journal.jsonl: cannot be written: Input/output error");
    journal_close(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_lines_stand_in_their_order_and_requests_are_read_again),
        in_folder(test_a_journal_that_is_there_is_never_written_over),
        in_folder(test_a_place_that_is_not_there_is_told),
        in_folder(test_lines_of_a_file_without_a_name),
        in_folder(test_what_did_not_reach_the_disk_is_told_ever_after),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
