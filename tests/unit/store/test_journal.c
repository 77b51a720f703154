/* The journal: one line of JSON for each thing that happened. */
#include "store/journal.h"

#include <errno.h>

#include "core/memory.h"
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
    assert_true(journal_add_object(&journal, 0, "request", &one, &place[0], &error));
    assert_true(journal_add_object(&journal, 12, "text", &two, &place[1], &error));
    assert_true(journal_add_mark(&journal, 0, "ends", "done", &error));
    assert_true(journal_sync(&journal, &error));
    whole = support_read("journal.jsonl");
    assert_string_equal(whole, "{\"step\":0,\"begins\":\"the \\\"name\\\"\"}\n"
                               "{\"step\":0,\"request\":{\"a\":1}}\n"
                               "{\"step\":12,\"text\":{\"b\":\"\xc3\xa4\"}}\n"
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

static void test_a_place_that_is_not_there_is_reported(void **state)
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

/* As a message does whose descriptor was closed, and is the journal's now. */
static void write_behind(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "a");

    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
}

static void test_what_others_write_moves_no_line(void **state)
{
    struct journal journal = {0};
    struct journal_place place[2];
    struct text one = {0}, again = {0};
    struct error error = {""};
    char *whole;

    (void)state;
    text_add_string(&one, "{\"a\":1}");
    assert_true(journal_open(&journal, "journal.jsonl", &error));
    assert_true(journal_add_object(&journal, 0, "request", &one, &place[0], &error));
    write_behind("journal.jsonl", "1/1 m: 3 requests\n");
    assert_true(journal_add_object(&journal, 0, "request", &one, &place[1], &error));
    assert_true(journal_read(&journal, place[0], &again, &error));
    assert_true(journal_read(&journal, place[1], &again, &error));
    assert_string_equal(again.bytes, "{\"a\":1}{\"a\":1}");
    whole = support_read("journal.jsonl");
    assert_string_equal(whole, "{\"step\":0,\"request\":{\"a\":1}}\n"
                               "{\"step\":0,\"request\":{\"a\":1}}\n");
    journal_close(&journal);
    free(whole);
    text_clear(&one);
    text_clear(&again);
}

static void test_places_are_kept_by_index(void **state)
{
    struct journal_places places = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        journal_places_set(&places, 100 * (2 - i), (struct journal_place){(off_t)i, i + 1});
    assert_int_equal(places.count, 201);
    for (size_t i = 0; i <= 200; i++)
        assert_int_equal(places.place[i].length, i % 100 ? 0 : 3 - i / 100);
    journal_places_clear(&places);
    assert_int_equal(places.count, 0);
}

/* However much of the last line reached the disk: only whole lines stay, and the next stands behind
 * them. */
static void test_a_torn_last_line_is_taken_away_wherever_it_was_torn(void **state)
{
    static const char lines[] = "{\"step\":0,\"begins\":\"x\"}\n{\"step\":0,\"request\":{}}\n";
    const size_t first = (size_t)(strchr(lines, '\n') - lines) + 1;

    (void)state;
    for (size_t length = 0; length < sizeof lines; length++) {
        size_t whole = length == sizeof lines - 1 ? length : length >= first ? first : 0;
        char *torn = memory_bytes(lines, length);
        struct journal journal = {0};
        struct error error = {""};
        char *now;

        support_write("journal.jsonl", torn);
        assert_true(journal_reopen(&journal, "journal.jsonl", &error));
        assert_int_equal(journal.size, whole);
        assert_true(journal_add_mark(&journal, 1, "begins", "y", &error));
        now = support_read("journal.jsonl");
        assert_int_equal(strncmp(now, lines, whole), 0);
        assert_string_equal(now + whole, "{\"step\":1,\"begins\":\"y\"}\n");
        journal_close(&journal);
        free(now);
        free(torn);
    }
}

/* The last whole line may end further back than what is read at once. */
static void test_a_long_torn_line_is_taken_away(void **state)
{
    struct journal journal = {0};
    struct text text = {0};
    struct error error = {""};

    (void)state;
    text_add_string(&text, "{}\n");
    for (int i = 0; i < 200000; i++)
        text_add_char(&text, 'x');
    support_write("journal.jsonl", text.bytes);
    assert_true(journal_reopen(&journal, "journal.jsonl", &error));
    assert_int_equal(journal.size, 3);
    journal_close(&journal);
    text_clear(&text);
}

static void test_of_two_who_write_the_second_is_refused(void **state)
{
    struct journal first = {0}, second = {0};
    struct error error = {""};

    (void)state;
    assert_true(journal_open(&first, "journal.jsonl", &error));
    assert_false(journal_reopen(&second, "journal.jsonl", &error));
    expect_part("locked", error.text, "journal.jsonl: another coebench is writing to this run");
    journal_close(&second);
    journal_close(&first);
    assert_true(journal_reopen(&second, "journal.jsonl", &error));
    journal_close(&second);
    assert_false(journal_reopen(&first, "no.jsonl", &error));
    expect_part("not there", error.text, "no.jsonl: cannot be written: No such file");
    journal_close(&first);
}

static void test_a_journal_that_is_written_to_is_locked(void **state)
{
    struct journal journal = {0};
    struct error error = {""};

    (void)state;
    assert_false(journal_is_locked("."));
    assert_true(journal_open(&journal, "journal.jsonl", &error));
    assert_true(journal_is_locked("."));
    journal_close(&journal);
    assert_false(journal_is_locked("."));
    assert_true(journal_reopen(&journal, "journal.jsonl", &error));
    journal_close(&journal);
    assert_false(journal_is_locked("no"));
}

/* The system tells only the first who asks that data was lost; the journal tells all. */
static void test_what_did_not_reach_the_disk_is_reported_ever_after(void **state)
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
        in_folder(test_a_place_that_is_not_there_is_reported),
        in_folder(test_what_others_write_moves_no_line),
        in_folder(test_places_are_kept_by_index),
        in_folder(test_a_torn_last_line_is_taken_away_wherever_it_was_torn),
        in_folder(test_a_long_torn_line_is_taken_away),
        in_folder(test_of_two_who_write_the_second_is_refused),
        in_folder(test_a_journal_that_is_written_to_is_locked),
        in_folder(test_what_did_not_reach_the_disk_is_reported_ever_after),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
