/* A program beside this one: what it replies, and what is said where it does not. */
#include "core/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "core/clock.h"
#include "support.h"

static const char *const none[] = {NULL};

static int64_t in_ms(int64_t ms)
{
    return clock_monotonic_ns() + ms * 1000000;
}

static void start(struct helper *helper, const char *script)
{
    const char *const words[] = {"/bin/sh", "-c", script, NULL};
    struct error error;

    assert_true(helper_start(helper, words, none, &error));
}

static void test_it_replies_line_by_line(void **state)
{
    struct helper helper;
    struct error error = {""};
    char line[HELPER_LINE];

    (void)state;
    start(&helper, "read a; echo \"1 $a\"; echo two; read b; echo \"3 $b\"");
    assert_true(helper_send(&helper, "first\n", 6, in_ms(20000), &error));
    assert_true(helper_read(&helper, line, in_ms(20000), &error));
    assert_string_equal(line, "1 first");
    assert_true(helper_read(&helper, line, in_ms(20000), &error));
    assert_string_equal(line, "two");
    assert_true(helper_send(&helper, "second\n", 7, in_ms(20000), &error));
    assert_true(helper_read(&helper, line, in_ms(20000), &error));
    assert_string_equal(line, "3 second");
    helper_stop(&helper);
    assert_int_equal(helper.pid, 0);
}

/* Scripts, and what is said of the line that does not come. */
static void test_what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *name, *script, *said;
        int64_t ms;
    } cases[] = {
        {"it ends", "exit 3", "ended", 20000},
        {"it is killed", "kill -9 $$", "ended", 20000},
        {"half a line", "printf half; exit 0", "ended", 20000},
        {"it hangs", "sleep 60", "took too long", 50},
        {"it writes half and hangs", "printf half; sleep 60", "took too long", 50},
        {"its line has no end", "while echo -n xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; do :; done",
         "sent a line of more than 1023 bytes", 20000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct helper helper;
        struct error error = {""};
        char line[HELPER_LINE];

        start(&helper, cases[i].script);
        expect_true(cases[i].name, !helper_read(&helper, line, in_ms(cases[i].ms), &error));
        expect_text(cases[i].name, error.text, cases[i].said);
        helper_stop(&helper);
    }
}

/* More than any socket holds, to a program that reads none of it, or has gone. */
static void test_sending_ends_too(void **state)
{
    static const struct {
        const char *name, *script, *said;
    } cases[] = {{"it does not read", "sleep 60", "took too long"},
                 {"it has gone", "exit 0", "ended"}};
    enum { MUCH = 8 << 20 };
    char *much = memory_new(MUCH, 1);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct helper helper;
        struct error error = {""};

        start(&helper, cases[i].script);
        expect_true(cases[i].name,
                    !helper_send(&helper, much, MUCH, in_ms(i == 0 ? 100 : 20000), &error));
        expect_text(cases[i].name, error.text, cases[i].said);
        helper_stop(&helper);
    }
    free(much);
}

static void test_no_program_no_line(void **state)
{
    const char *const words[] = {"/no/such/program", NULL};
    struct helper helper;
    struct error error = {""};
    char line[HELPER_LINE];

    (void)state;
    assert_true(helper_start(&helper, words, none, &error));
    assert_false(helper_read(&helper, line, in_ms(20000), &error));
    assert_string_equal(error.text, "ended");
    helper_stop(&helper);
    helper_stop(&helper); /* a stopped one is fine */
}

/* It gets no key of the environment and no file that is open here. */
static void test_it_gets_nothing_of_ours(void **state)
{
    struct helper helper;
    struct error error = {""};
    char line[HELPER_LINE];
    int open_here = fcntl(1, F_DUPFD, 50); /* not closed by exec */

    (void)state;
    setenv("OPENAI_API_KEY", "secret", 1);
    start(&helper,
          "echo \"[$OPENAI_API_KEY]\"; for f in /proc/$$/fd/*; do echo ${f##*/}; done; echo end");
    assert_true(helper_read(&helper, line, in_ms(20000), &error));
    assert_string_equal(line, "[]");
    while (helper_read(&helper, line, in_ms(20000), &error) && strcmp(line, "end") != 0)
        expect_true(line, atoi(line) < 50); /* the shell has some of its own */
    assert_string_equal(line, "end");
    helper_stop(&helper);
    close(open_here);
    unsetenv("OPENAI_API_KEY");
}

static void test_it_is_gone_when_stopped(void **state)
{
    struct helper helper;
    pid_t pid;

    (void)state;
    start(&helper, "trap '' TERM; sleep 60");
    pid = helper.pid;
    assert_int_equal(kill(pid, 0), 0);
    helper_stop(&helper);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_replies_line_by_line),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_sending_ends_too),
        cmocka_unit_test(test_no_program_no_line),
        cmocka_unit_test(test_it_gets_nothing_of_ours),
        cmocka_unit_test(test_it_is_gone_when_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
