/* Attempts at steps, read from a journal, and set aside. */
#include "store/attempts.h"

#include <sys/stat.h>

#include "growth.h"
#include "support.h"

static char folder[] = "r";

static struct run run_in_folder(void)
{
    mkdir(folder, 0777);
    return (struct run){.folder = folder};
}

static void write_journal(const char *text)
{
    support_write("r/journal.jsonl", text);
}

static struct attempts read_attempts(const struct run *run)
{
    struct attempts attempts;
    struct error error = {""};

    if (!attempts_read(run, &attempts, &error))
        fail_msg("%s", error.text);
    return attempts;
}

static void test_each_attempt_is_counted_with_its_requests(void **state)
{
    const struct run run = run_in_folder();
    struct attempts attempts;

    (void)state;
    write_journal("{\"step\":0,\"begins\":\"a\"}\n"
                  "{\"step\":1,\"begins\":\"b\"}\n" /* rows in parallel */
                  "{\"step\":0,\"text\":{\"t\":1}}\n"
                  "{\"step\":0,\"request\":{\"r\":1}}\n"
                  "{\"step\":1,\"request\":{\"r\":2}}\n"
                  "{\"step\":0,\"ends\":\"done\"}\n"
                  "{\"step\":1,\"begins\":\"c \\\"2\\\"\"}\n"
                  "{\"step\":1,\"request\":{\"r\":3}}\n"
                  "{\"step\":1,\"request\":{\"r\":4}}\n");
    attempts = read_attempts(&run);
    assert_int_equal(attempts.count, 3);
    assert_int_equal(attempts_at(&attempts, 0), 1);
    assert_int_equal(attempts_at(&attempts, 1), 2);
    assert_int_equal(attempts_at(&attempts, 2), 0);
    assert_string_equal(attempts.attempt[2].name, "c \"2\"");
    assert_int_equal(attempts.attempt[0].requests, 1);
    assert_int_equal(attempts.attempt[0].texts, 1);
    assert_int_equal(attempts.attempt[1].requests, 1);
    assert_int_equal(attempts.attempt[2].requests, 2);
    attempts_clear(&attempts);
}

/* What a machine without power may leave, and what would lead out of the folder. */
static void test_what_is_no_line_is_passed_over(void **state)
{
    const struct run run = run_in_folder();
    struct attempts attempts;
    struct error error = {""};

    (void)state;
    write_journal("\n\n{}\nnonsense\n{\"step\":0,\"begins\":7}\n{\"step\":0,\"begins\":\"../x\"}\n"
                  "{\"step\":,\"begins\":\"a\"}\n{\"step\":3,\"begins\":\"good\"}\n"
                  "{\"step\":3,\"request\":{\"r\":1}}\n{\"step\":3,\"request\":{\"r\":");
    attempts = read_attempts(&run);
    assert_int_equal(attempts.count, 1);
    assert_string_equal(attempts.attempt[0].name, "good");
    assert_int_equal(attempts.attempt[0].requests, 1);
    attempts_clear(&attempts);
    assert_int_equal(remove("r/journal.jsonl"), 0);
    assert_false(attempts_read(&run, &attempts, &error));
    expect_part("gone", error.text, "r/journal.jsonl: cannot be read: No such file");
    attempts_clear(&attempts);
}

static void expect_file(const char *path, const char *text)
{
    char *now = support_read(path);

    expect_text(path, now, text);
    free(now);
}

static void set_aside(const struct run *run, const struct attempt *attempt)
{
    struct error error = {""};

    if (!attempts_set_aside(run, attempt, &error))
        fail_msg("%s", error.text);
}

/* The journal of a foreigner: each step begins again and again, with a request at the end. */
static void write_many(size_t begins, size_t steps, bool requests)
{
    FILE *file = fopen("r/journal.jsonl", "w");

    assert_non_null(file);
    for (size_t i = 0; i < begins; i++)
        fprintf(file, "{\"step\":%zu,\"begins\":\"s%zu\"}\n", i % steps, i);
    for (size_t i = 0; i < begins && requests; i++)
        fprintf(file, "{\"step\":%zu,\"request\":{\"r\":%zu}}\n", i % steps, i);
    fclose(file);
}

static void read_steps(size_t steps)
{
    const struct run run = run_in_folder();
    struct attempts attempts;

    write_many(steps, steps, true);
    attempts = read_attempts(&run);
    assert_int_equal(attempts.count, steps);
    assert_int_equal(attempts.attempt[steps - 1].requests, 1);
    attempts_clear(&attempts);
}

static void read_one_step(size_t begins)
{
    const struct run run = run_in_folder();
    struct attempts attempts;
    char name[32];

    write_many(begins, 1, false);
    attempts = read_attempts(&run);
    assert_int_equal(attempts_at(&attempts, 0), begins);
    for (size_t i = 0; i < begins; i++) {
        snprintf(name, sizeof name, "s%zu", i);
        assert_true(attempts_began(&attempts, 0, name));
    }
    assert_false(attempts_began(&attempts, 0, "s"));
    attempts_clear(&attempts);
}

static void set_all_aside(size_t steps)
{
    const struct run run = run_in_folder();
    struct attempts attempts;
    struct error error = {""};

    write_many(steps, steps, true);
    attempts = read_attempts(&run);
    for (size_t i = 0; i < steps; i++) {
        char path[64];

        if (!attempts_set_aside(&run, &attempts.attempt[i], &error))
            fail_msg("%s", error.text);
        snprintf(path, sizeof path, "r/s%zu_attempt_1.json", i);
        assert_int_equal(remove(path), 0);
    }
    attempts_clear(&attempts);
}

static void test_no_journal_takes_the_square_of_its_length(void **state)
{
    (void)state;
    expect_no_square("steps", read_steps, 4000);
    expect_no_square("one step", read_one_step, 4000);
    expect_no_square("set aside", set_all_aside, 250);
}

static void test_no_run_has_a_step_of_any_number(void **state)
{
    const struct run run = run_in_folder();
    struct attempts attempts;

    (void)state;
    write_journal("{\"step\":262144,\"begins\":\"a\"}\n"
                  "{\"step\":18446744073709551615,\"begins\":\"b\"}\n"
                  "{\"step\":262143,\"begins\":\"c\"}\n");
    attempts = read_attempts(&run);
    assert_int_equal(attempts.count, 1);
    assert_int_equal(attempts_at(&attempts, 262143), 1);
    attempts_clear(&attempts);
}

static const char two_attempts[] = "{\"step\":4,\"begins\":\"a\"}\n"
                                   "{\"step\":4,\"text\":{\"t\":1}}\n"
                                   "{\"step\":4,\"request\":{\"r\":1}}\n"
                                   "{\"step\":4,\"request\":{\"r\":2}}\n"
                                   "{\"step\":4,\"begins\":\"b\"}\n"
                                   "{\"step\":5,\"request\":{\"r\":0}}\n"
                                   "{\"step\":4,\"request\":{\"r\":3}}\n"
                                   "{\"step\":6,\"begins\":\"c\"}\n";

static void test_what_was_cut_off_is_set_aside_from_the_journal(void **state)
{
    const struct run run = run_in_folder();
    struct attempts attempts;

    (void)state;
    write_journal(two_attempts);
    support_write("r/a_individual_responses.json", "[the half]");
    attempts = read_attempts(&run);
    for (int again = 0; again < 2; again++) { /* and whoever does it again changes nothing */
        for (size_t i = 0; i < attempts.count; i++)
            set_aside(&run, &attempts.attempt[i]);
        expect_file("r/a_attempt_1.json", "[\n{\"r\":1},\n{\"r\":2}\n]\n");
        expect_file("r/a_attempt_1_texts.jsonl", "{\"t\":1}\n");
        expect_file("r/b_attempt_2.json", "[\n{\"r\":3}\n]\n");
        assert_false(file_exists("r/b_attempt_2_texts.jsonl"));
        assert_false(file_exists("r/c_attempt_1.json"));
        assert_false(file_exists("r/a_individual_responses.json"));
    }
    attempts_clear(&attempts);
}

/* Wherever between its files the setting aside was cut off before. */
static void test_what_was_summed_up_keeps_its_files_by_other_names(void **state)
{
    static const char *const files[][2] = {
        {"r/a_probe.json", "r/a_attempt_1_probe.json"},
        {"r/a_phases.json", "r/a_attempt_1_phases.json"},
        {"r/a_response_texts.jsonl", "r/a_attempt_1_texts.jsonl"},
        {"r/a_individual_responses.json", "r/a_attempt_1.json"},
        {"r/a_summary.json", "r/a_attempt_1_figures.json"}};
    const struct run run = run_in_folder();
    struct attempts attempts;

    (void)state;
    write_journal(two_attempts);
    attempts = read_attempts(&run);
    for (size_t moved = 0; moved <= COUNT_OF(files); moved++) {
        for (size_t i = 0; i < COUNT_OF(files); i++)
            support_write(files[i][i < moved], files[i][0]);
        set_aside(&run, &attempts.attempt[0]);
        for (size_t i = 0; i < COUNT_OF(files); i++) {
            expect_file(files[i][1], files[i][0]);
            assert_false(file_exists(files[i][0]));
            assert_int_equal(remove(files[i][1]), 0);
        }
    }
    attempts_clear(&attempts);
}

static void test_what_cannot_be_set_aside_is_reported(void **state)
{
    const struct run run = run_in_folder();
    struct attempts attempts;
    struct error error = {""};

    (void)state;
    write_journal(two_attempts);
    attempts = read_attempts(&run);
    support_write("r/a_summary.json", "{}");
    mkdir("r/a_attempt_1_figures.json", 0777);
    assert_false(attempts_set_aside(&run, &attempts.attempt[0], &error));
    expect_part("why", error.text, "r/a_summary.json: cannot be set aside: Is a directory");
    attempts_clear(&attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_no_journal_takes_the_square_of_its_length),
        in_folder(test_no_run_has_a_step_of_any_number),
        in_folder(test_each_attempt_is_counted_with_its_requests),
        in_folder(test_what_is_no_line_is_passed_over),
        in_folder(test_what_was_cut_off_is_set_aside_from_the_journal),
        in_folder(test_what_was_summed_up_keeps_its_files_by_other_names),
        in_folder(test_what_cannot_be_set_aside_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
