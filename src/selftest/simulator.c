#include "selftest/simulator.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"

const char simulator_key[] = "selftest";

enum { START_MOST_S = 20, END_MOST_S = 20, SMALL_FILE = 64 << 10 };

static void nap(void)
{
    nanosleep(&(struct timespec){0, CLOCK_NS_PER_S / 200}, NULL);
}

/* The child's side of the fork: never returns. */
static void become_simulator(const char *const *words, int log, pid_t parent)
{
    int nothing = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it ended before it could be watched */
        _exit(1);
    setpgid(0, 0); /* Ctrl-C is for the parent, who ends this one */
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    setenv("COEBENCH_SIMULATOR_KEY", simulator_key, 1);
    execv("/proc/self/exe", (char *const *)words);
    _exit(127);
}

static pid_t start(const char *const *words, const char *log_path)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    pid_t parent = getpid();
    pid_t pid = log < 0 ? -1 : fork();

    if (pid == 0)
        become_simulator(words, log, parent);
    if (log >= 0)
        close(log);
    return pid;
}

/* Waits until it has ended; false where it has not after `seconds`. */
static bool wait_for_end(pid_t pid, double seconds, int *status)
{
    int64_t until = clock_monotonic_ns() + clock_from_seconds(seconds);

    while (waitpid(pid, status, WNOHANG) == 0) {
        if (clock_monotonic_ns() > until)
            return false;
        nap();
    }
    return true;
}

/* What it printed last, in one line. */
static void quote_log(const char *path, struct error *error)
{
    struct text output = {0};
    struct error unread;

    file_read(path, SMALL_FILE, &output, &unread);
    while (output.length > 0 && output.bytes[output.length - 1] == '\n')
        output.bytes[--output.length] = '\0';
    error_set(error, "the simulator did not start%s%s", output.length ? ": " : "",
              output.length ? output.bytes : "");
    text_clear(&output);
}

static bool await_port(struct simulator *simulator, const char *port_file, const char *log,
                       struct error *error)
{
    struct text port = {0};
    int64_t until = clock_monotonic_ns() + START_MOST_S * CLOCK_NS_PER_S;
    int status;
    bool listens;

    while (!file_exists(port_file) && clock_monotonic_ns() < until) {
        if (waitpid(simulator->pid, &status, WNOHANG) != 0) {
            simulator->pid = 0;
            break;
        }
        nap();
    }
    listens = file_exists(port_file) && file_read(port_file, SMALL_FILE, &port, error);
    if (listens)
        simulator->port = atoi(port.bytes);
    else
        quote_log(log, error);
    text_clear(&port);
    return listens;
}

bool simulator_start(struct simulator *simulator, const char *bundle, const char *folder,
                     int64_t seed, struct error *error)
{
    char *port_file = file_join(folder, "port");
    char *truth = file_join(folder, "truth.jsonl");
    char *log = file_join(folder, "simulator.log");
    char *seed_text = memory_printf("%" PRId64, seed);
    const char *words[] = {"coebench", "simulate",       bundle,    "--port",
                           "0",        "--port-file",    port_file, "--seed",
                           seed_text,  "--ground-truth", truth,     NULL};
    bool listens = false;

    *simulator = (struct simulator){.pid = start(words, log)};
    if (simulator->pid > 0)
        listens = await_port(simulator, port_file, log, error);
    else
        error_set(error, "%s: the simulator cannot be started: %s", log, strerror(errno));
    if (!listens) {
        struct error unasked;

        simulator_end(simulator, &unasked);
    }
    free(port_file);
    free(truth);
    free(log);
    free(seed_text);
    return listens;
}

bool simulator_end(struct simulator *simulator, struct error *error)
{
    pid_t pid = simulator->pid;
    int status = 0;
    bool ended;

    simulator->pid = 0;
    if (pid <= 0)
        return true;
    kill(pid, SIGTERM);
    ended = wait_for_end(pid, END_MOST_S, &status);
    if (!ended) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        return error_set(error, "the simulator did not end when asked to, and was killed");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return error_set(error, "the simulator failed: it ended with status %d", status);
    return true;
}
