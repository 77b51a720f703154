#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"

enum { WAIT_MS = 20, LINE_MOST = 200 };

/* A program under way. */
struct running_child {
    pid_t pid;
    int output;           /* the end of a pipe that it prints to */
    char line[LINE_MOST]; /* the last that it printed, cut to fit */
    size_t length;
    bool line_ended;
};

/* --- What it prints --------------------------------------------------------------------------- */

/* An empty line says nothing. */
static void take_byte(struct running_child *running, char byte)
{
    if (byte == '\n' || byte == '\r') {
        running->line_ended = true;
        return;
    }
    if (running->line_ended)
        running->length = 0;
    running->line_ended = false;
    if (running->length + 1 < LINE_MOST)
        running->line[running->length++] = (unsigned char)byte < ' ' ? ' ' : byte;
    running->line[running->length] = '\0';
}

/* As much as is there. */
static void read_output(struct running_child *running)
{
    char part[4096];
    ssize_t got;

    while ((got = read(running->output, part, sizeof part)) > 0) {
        for (ssize_t i = 0; i < got; i++)
            take_byte(running, part[i]);
    }
}

/* --- Its life --------------------------------------------------------------------------------- */

static int spawn(const struct child *child, int output, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int result;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    result =
        posix_spawnp(pid, child->words[0], &files, &attributes, child->words, child->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return result;
}

/* Whether it has ended by itself; else it is killed. What it printed to goes on being read, so that
 * it does not wait for us. */
static bool wait_for(const struct child *child, struct running_child *running, int *status)
{
    int64_t deadline_ns = clock_monotonic_ns() + clock_from_seconds(child->most_s);
    struct pollfd readable = {.fd = running->output, .events = POLLIN};

    while (waitpid(running->pid, status, WNOHANG) == 0) {
        if ((child->stop && *child->stop) || clock_monotonic_ns() >= deadline_ns) {
            kill(-running->pid, SIGKILL);
            waitpid(running->pid, status, 0);
            return false;
        }
        poll(&readable, readable.revents & POLLHUP ? 0 : 1, WAIT_MS);
        read_output(running);
    }
    read_output(running);
    return true;
}

static bool judge(const struct child *child, const struct running_child *running, bool ended,
                  int status, struct error *error)
{
    const char *colon = running->length > 0 ? ": " : "";

    if (!ended && child->stop && *child->stop)
        return error_set(error, "%s was interrupted", child->words[0]);
    if (!ended)
        return error_set(error, "%s did not end within %.0f s, and was killed", child->words[0],
                         child->most_s);
    if (WIFSIGNALED(status))
        return error_set(error, "%s was ended by signal %d%s%s", child->words[0], WTERMSIG(status),
                         colon, running->line);
    if (WEXITSTATUS(status) != 0)
        return error_set(error, "%s ended with %d%s%s", child->words[0], WEXITSTATUS(status), colon,
                         running->line);
    return true;
}

bool child_run(const struct child *child, struct error *error)
{
    struct running_child running = {0};
    int ends[2], status = 0, failure;
    bool ended;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(error, "%s cannot be started: %s", child->words[0], strerror(errno));
    failure = spawn(child, ends[1], &running.pid);
    close(ends[1]);
    running.output = ends[0];
    fcntl(running.output, F_SETFL, O_NONBLOCK);
    ended = failure == 0 && wait_for(child, &running, &status);
    close(running.output);
    if (failure != 0)
        return error_set(error, "%s cannot be started: %s", child->words[0], strerror(failure));
    return judge(child, &running, ended, status, error);
}
