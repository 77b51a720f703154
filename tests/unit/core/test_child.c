/* Programs that are run: how they end, and what is left of them. */
#include "core/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "support.h"

static char *const nothing[] = {NULL};

static bool run(const char *script, double most_s, const atomic_int *stop, struct error *error)
{
    char *words[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)script, NULL};
    char *environment[] = {(char[]){"PATH=/usr/bin:/bin"}, (char[]){"GIVEN=word"}, NULL};
    const struct child child = {words, environment, most_s, stop};

    return child_run(&child, error);
}

static void test_ends(void **state)
{
    static const struct {
        const char *script, *error; /* NULL: it ends well */
    } cases[] = {
        {"true", NULL},
        {"test \"$GIVEN\" = word && test -z \"$HOME\"", NULL},
        {"read line; test $? = 1", NULL}, /* nothing on its standard input */
        {"seq 1 100000", NULL},
        {"exit 3", "sh ended with 3"},
        {"echo one; echo two words >&2; exit 1", "sh ended with 1: two words"},
        {"printf 'a\\tb\\n\\n'; exit 1", "sh ended with 1: a b"},
        {"kill -9 $$", "sh was ended by signal 9"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {{0}};
        bool done = run(cases[i].script, 60, NULL, &error);

        expect_true(cases[i].script, done == !cases[i].error);
        expect_text(cases[i].script, done ? "" : error.text, cases[i].error ? cases[i].error : "");
    }
}

static void test_a_program_that_is_not_there(void **state)
{
    char *words[] = {(char[]){"/nowhere/program"}, NULL};
    const struct child child = {words, nothing, 60, NULL};
    struct error error;

    (void)state;
    assert_false(child_run(&child, &error));
    expect_part("error", error.text, "/nowhere/program cannot be started: No such file");
}

/* With what it has started: its own child would write to the file later. */
static void test_what_takes_too_long_is_killed(void **state)
{
    struct error error;

    (void)state;
    assert_false(run("(sleep 2; echo late >late.txt) & sleep 600", 0.3, NULL, &error));
    assert_string_equal(error.text, "sh did not end within 0 s, and was killed");
    sleep(3);
    assert_int_not_equal(access("late.txt", F_OK), 0);
}

static void *set_soon(void *context)
{
    atomic_int *stop = context;

    usleep(200000);
    *stop = 1;
    return NULL;
}

static void test_it_is_killed_where_others_ask(void **state)
{
    atomic_int stop = 0;
    struct error error;
    pthread_t thread;

    (void)state;
    assert_true(thread_start(&thread, "test", set_soon, &stop));
    assert_false(run("sleep 600", 600, &stop, &error));
    assert_string_equal(error.text, "sh was interrupted");
    pthread_join(thread, NULL);
}

/* A service that is started in the background keeps what it prints to; nobody waits for it. */
static void test_what_it_leaves_behind_lives_on(void **state)
{
    char text[16] = "";
    struct error error;
    FILE *file;
    long pid;

    (void)state;
    assert_true(run("sleep 600 & echo $! >pid.txt", 60, NULL, &error));
    file = fopen("pid.txt", "r");
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    pid = strtol(text, NULL, 10);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_ends),
        in_folder(test_a_program_that_is_not_there),
        in_folder(test_what_takes_too_long_is_killed),
        in_folder(test_it_is_killed_where_others_ask),
        in_folder(test_what_it_leaves_behind_lives_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
