/* The process of a run: found while it lives, and never another that has its number. */
#include "store/run_pid.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "support.h"

static char *folder;

static int make_folder(void **state)
{
    struct error error;

    (void)state;
    folder = file_make_temporary_folder(&error);
    return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    file_remove_folder(folder);
    free(folder);
    return 0;
}

static void put(const char *content)
{
    char *path = file_join(folder, run_pid_file_name);
    struct error error;

    assert_true(file_write(path, content, strlen(content), &error));
    free(path);
}

static char *taken(void)
{
    char *path = file_join(folder, run_pid_file_name);
    struct text text = {0};
    struct error error;

    assert_true(file_read(path, 100, &text, &error));
    free(path);
    return text_take(&text);
}

static void test_this_process_is_found_until_it_is_taken_away(void **state)
{
    struct error error;
    pid_t pid = 0;
    int fd;

    (void)state;
    assert_int_equal(run_pid_open(folder, &pid), -1);
    assert_true(run_pid_write(folder, &error));
    fd = run_pid_open(folder, &pid);
    assert_true(fd >= 0);
    assert_int_equal(pid, getpid());
    close(fd);
    run_pid_remove(folder);
    assert_int_equal(run_pid_open(folder, &pid), -1);
}

static void test_another_process_of_that_number_is_not_taken_for_it(void **state)
{
    struct error error;
    unsigned long long ticks;
    char line[64];
    pid_t pid;
    long number;
    char *text;

    (void)state;
    assert_true(run_pid_write(folder, &error));
    text = taken();
    assert_int_equal(sscanf(text, "%ld %llu", &number, &ticks), 2);
    snprintf(line, sizeof line, "%ld %llu\n", number, ticks - 1);
    put(line);
    assert_int_equal(run_pid_open(folder, &pid), -1);
    put(text);
    close(run_pid_open(folder, &pid));
    assert_int_equal(pid, number);
    free(text);
}

/* Its name is what a command line can make it: brackets and blanks. */
static void test_a_process_that_has_ended_is_over_though_nobody_has_waited_for_it(void **state)
{
    int ready[2];
    struct error error;
    pid_t pid, child;
    char byte;
    int fd;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        FILE *name = fopen("/proc/self/comm", "w");

        if (name) {
            fputs("a) R 1 (b", name);
            fclose(name);
        }
        byte = run_pid_write(folder, &error) ? 'y' : 'n';
        if (write(ready[1], &byte, 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    fd = run_pid_open(folder, &pid);
    assert_true(fd >= 0);
    assert_int_equal(pid, child);
    close(fd);
    kill(child, SIGKILL);
    waitid(P_PID, (id_t)child, &(siginfo_t){0}, WEXITED | WNOWAIT); /* it is a zombie now */
    assert_int_equal(run_pid_open(folder, &pid), -1);
    waitpid(child, NULL, 0);
    assert_int_equal(run_pid_open(folder, &pid), -1);
    close(ready[0]);
    close(ready[1]);
}

static void test_it_is_asked_by_signals_that_it_takes(void **state)
{
    static const bool cancels[] = {false, true};
    struct error error;
    sigset_t both, pending;
    pid_t pid;
    int fd;

    (void)state;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &both, NULL), 0);
    assert_true(run_pid_write(folder, &error));
    fd = run_pid_open(folder, &pid);
    for (size_t i = 0; i < 2; i++) {
        assert_true(run_pid_ask(fd, cancels[i]));
        sigpending(&pending);
        assert_true(sigismember(&pending, SIGINT));
        assert_int_equal(sigismember(&pending, SIGTERM), cancels[i]);
        for (bool more = true; more; sigpending(&pending),
                  more = sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM))
            sigwaitinfo(&both, NULL);
    }
    close(fd);
    assert_false(run_pid_ask(-1, false));
    assert_int_equal(sigprocmask(SIG_UNBLOCK, &both, NULL), 0);
}

static void test_what_is_no_such_file_names_nobody(void **state)
{
    static const char *const contents[] = {
        "",
        "x\n",
        "1\n",
        "1 2",
        "0 0\n",
        "-1 5\n",
        "1 x\n",
        "1 2 3\n",
        "99999999999999999999 1\n",
        "4194305 1\n",
        "1 1\n1 1\n and so on, far beyond what such a file has, in many more letters than that\n"};
    pid_t pid;

    (void)state;
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        put(contents[i]);
        if (run_pid_open(folder, &pid) != -1)
            fail_msg("%s is taken for a process", contents[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_process_is_found_until_it_is_taken_away),
        cmocka_unit_test(test_another_process_of_that_number_is_not_taken_for_it),
        cmocka_unit_test(test_a_process_that_has_ended_is_over_though_nobody_has_waited_for_it),
        cmocka_unit_test(test_it_is_asked_by_signals_that_it_takes),
        cmocka_unit_test(test_what_is_no_such_file_names_nobody),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
