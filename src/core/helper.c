#include "core/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"

/* The child's side of the fork, where other threads may hold any lock: system calls alone. Never
 * returns. */
static void become(const char *const *words, const char *const *environment, int theirs,
                   pid_t parent)
{
    int nothing = open("/dev/null", O_WRONLY);
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it ended before it could be watched */
        _exit(1);
    setpgid(0, 0); /* Ctrl-C is for the parent */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(theirs, STDIN_FILENO);
    dup2(theirs, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execve(words[0], (char *const *)words, (char *const *)environment);
    _exit(127);
}

bool helper_start(struct helper *helper, const char *const *words, const char *const *environment,
                  struct error *error)
{
    pid_t parent = getpid();
    int ends[2];

    *helper = (struct helper){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(error, "cannot be started: %s", strerror(errno));
    helper->pid = fork();
    if (helper->pid == 0)
        become(words, environment, ends[1], parent);
    if (helper->pid < 0)
        error_set(error, "cannot be started: %s", strerror(errno));
    close(ends[1]);
    helper->socket = ends[0];
    if (helper->pid > 0)
        return true;
    close(ends[0]);
    *helper = (struct helper){0};
    return false;
}

/* Waits until the socket is ready for that; false once the time is up. */
static bool wait_for(const struct helper *helper, short events, int64_t until_ns,
                     struct error *error)
{
    struct pollfd one = {.fd = helper->socket, .events = events};
    int64_t left_ns;

    while ((left_ns = until_ns - clock_monotonic_ns()) > 0) {
        int64_t ms = left_ns / 1000000 + 1;

        if (poll(&one, 1, ms > 60000 ? 60000 : (int)ms) > 0)
            return true;
    }
    return error_set(error, "took too long");
}

bool helper_send(struct helper *helper, const void *bytes, size_t length, int64_t until_ns,
                 struct error *error)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t sent = send(helper->socket, at, length, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return error_set(error, "ended");
        if (sent < 0 && !wait_for(helper, POLLOUT, until_ns, error))
            return false;
        if (sent > 0) {
            at += sent;
            length -= (size_t)sent;
        }
    }
    return true;
}

/* Gives out the first line of what was read; false where its end is not there yet. */
static bool take_line(struct helper *helper, char line[HELPER_LINE])
{
    char *end = memchr(helper->line, '\n', helper->got);
    size_t length = end ? (size_t)(end - helper->line) : 0;

    if (!end)
        return false;
    memcpy(line, helper->line, length);
    line[length] = '\0';
    helper->got -= length + 1;
    memmove(helper->line, end + 1, helper->got);
    return true;
}

bool helper_read(struct helper *helper, char line[HELPER_LINE], int64_t until_ns,
                 struct error *error)
{
    while (!take_line(helper, line)) {
        ssize_t got;

        if (helper->got == HELPER_LINE)
            return error_set(error, "sent a line of more than %d bytes", HELPER_LINE - 1);
        if (!wait_for(helper, POLLIN, until_ns, error))
            return false;
        got = recv(helper->socket, helper->line + helper->got, HELPER_LINE - helper->got,
                   MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return error_set(error, "ended");
        if (got > 0)
            helper->got += (size_t)got;
    }
    return true;
}

void helper_stop(struct helper *helper)
{
    if (helper->pid > 0) {
        close(helper->socket);
        kill(helper->pid, SIGKILL);
        while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    *helper = (struct helper){0};
}
