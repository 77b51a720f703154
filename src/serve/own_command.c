#include "serve/own_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/memory.h"
#include "serve/start/arguments.h"

enum { LOOK_MS = 50, PIECE = 16 << 10 };

/* The ends of two pipes: what it tells people, and its results (−1: thrown away). */
struct outlets {
    int told, results;
};

/* In the child: takes its places, and becomes the program. */
static void become(char *const *words, char *const *environment, const struct outlets *to,
                   pid_t parent)
{
    sigset_t none;
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    int results = to->results >= 0 ? to->results : nowhere;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getppid() != parent || nowhere < 0 || dup2(nowhere, STDIN_FILENO) < 0 ||
        dup2(results, STDOUT_FILENO) < 0 || dup2(to->told, STDERR_FILENO) < 0)
        _exit(127);
    execve("/proc/self/exe", words, environment);
    _exit(127);
}

/* Reads what there is; past the ceiling it is read and forgotten. False at its end. */
static bool take(int from, struct text *text)
{
    char bytes[PIECE];
    ssize_t got = read(from, bytes, sizeof bytes);

    if (got < 0 && errno == EINTR)
        return true;
    if (got > 0 && text->length + (size_t)got <= OWN_COMMAND_MOST)
        text_add(text, bytes, (size_t)got);
    return got > 0;
}

static bool is_to_end(const struct own_command *command)
{
    return atomic_load(command->stop) || (command->stale && atomic_load(command->stale));
}

static void read_all(const struct outlets *from, pid_t child, const struct own_command *command,
                     struct own_command_end *end)
{
    struct pollfd look[2] = {{.fd = from->told, .events = POLLIN},
                             {.fd = from->results, .events = POLLIN}};
    struct text *const text[2] = {&end->words, &end->results};

    while (look[0].fd >= 0 || look[1].fd >= 0) {
        if (poll(look, 2, LOOK_MS) > 0) {
            for (int i = 0; i < 2; i++) {
                if (look[i].fd >= 0 && look[i].revents && !take(look[i].fd, text[i]))
                    look[i].fd = -1;
            }
        }
        if (is_to_end(command))
            kill(child, SIGKILL);
    }
}

static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool open_pipe(int *reads, int *writes)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    *reads = ends[0];
    *writes = ends[1];
    return true;
}

static void close_outlets(const struct outlets *outlets)
{
    if (outlets->told >= 0)
        close(outlets->told);
    if (outlets->results >= 0)
        close(outlets->results);
}

void own_command_do(const struct own_command *command, struct own_command_end *end)
{
    struct outlets from = {-1, -1}, to = {-1, -1};
    struct arguments words = {0};
    pid_t parent = getpid(), child = -1;

    *end = (struct own_command_end){.code = -1};
    arguments_add(&words, "coebench");
    for (size_t i = 0; command->words[i]; i++)
        arguments_add(&words, command->words[i]);
    if (open_pipe(&from.told, &to.told) &&
        (!command->keeps_results || open_pipe(&from.results, &to.results)))
        child = fork();
    if (child == 0)
        become(words.word, command->environment ? command->environment : environ, &to, parent);
    close_outlets(&to);
    if (child > 0) {
        read_all(&from, child, command, end);
        end->code = wait_for(child);
    }
    close_outlets(&from);
    arguments_clear(&words);
}

void own_command_run(const char *const *words, atomic_bool *stop, struct own_command_end *end)
{
    own_command_do(&(struct own_command){.words = words, .stop = stop}, end);
}

char *own_command_sentence(const struct own_command_end *end)
{
    static const char name[] = "coebench: ";
    const char *bytes = end->words.bytes ? end->words.bytes : "", *last;
    size_t length = strlen(bytes);

    while (length > 0 && bytes[length - 1] == '\n')
        length--;
    last = memrchr(bytes, '\n', length);
    last = last ? last + 1 : bytes;
    length -= (size_t)(last - bytes);
    if (length >= strlen(name) && strncmp(last, name, strlen(name)) == 0) {
        last += strlen(name);
        length -= strlen(name);
    }
    return memory_bytes(last, length);
}

void own_command_end_clear(struct own_command_end *end)
{
    text_clear(&end->words);
    text_clear(&end->results);
}
