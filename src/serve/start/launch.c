#include "serve/start/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/start/arguments.h"

/* In the child: leaves the server's session, takes its places, and becomes the program. */
static void become(char *const *words, char *const *environment, int log)
{
    sigset_t none;
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (setsid() < 0 || nowhere < 0 || dup2(nowhere, STDIN_FILENO) < 0 ||
        dup2(nowhere, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(127);
    execve("/proc/self/exe", words, environment);
    _exit(127);
}

bool launch(char *const *words, char *const *environment, int log,
            struct launched_process *launched, struct error *error)
{
    struct arguments all = {0};
    pid_t child;

    arguments_add(&all, "coebench");
    for (; *words; words++)
        arguments_add(&all, *words);
    child = fork();
    if (child == 0)
        become(all.word, environment, log);
    arguments_clear(&all);
    if (child < 0)
        return error_set(error, "the run cannot be started: %s", strerror(errno));
    *launched = (struct launched_process){child, (int)syscall(SYS_pidfd_open, child, 0)};
    if (launched->process >= 0)
        return true;
    error_set(error, "the run cannot be started: %s", strerror(errno));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return false;
}

bool launch_has_ended(const struct launched_process *launched, int *code)
{
    int status;

    if (waitpid(launched->pid, &status, WNOHANG) <= 0)
        return false;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return true;
}
