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

enum { WORDS_MOST = 64, LOOK_MS = 200, PIECE = 16 << 10 };

/* In the child: takes its places, and becomes the program. */
static void become(const char *const *words, int output, int told, pid_t parent)
{
    sigset_t none;
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getppid() != parent || input < 0 || dup2(input, STDIN_FILENO) < 0 ||
        dup2(output, STDOUT_FILENO) < 0 || dup2(told, STDERR_FILENO) < 0)
        _exit(127);
    execv("/proc/self/exe", (char *const *)words);
    _exit(127);
}

static bool open_pipes(int pipes[2][2])
{
    if (pipe2(pipes[0], O_CLOEXEC) < 0)
        return false;
    if (pipe2(pipes[1], O_CLOEXEC) == 0)
        return true;
    close(pipes[0][0]);
    close(pipes[0][1]);
    return false;
}

/* Reads what there is; past the ceiling it is read and forgotten. −1 at its end. */
static int take(int file, struct text *text)
{
    char bytes[PIECE];
    ssize_t got = read(file, bytes, sizeof bytes);

    if (got < 0 && errno == EINTR)
        return file;
    if (got <= 0)
        return -1;
    if (text->length + (size_t)got <= OWN_COMMAND_MOST)
        text_add(text, bytes, (size_t)got);
    return file;
}

/* Reads both to their ends. */
static void read_both(int output, int told, pid_t child, atomic_bool *stop,
                      struct own_command_end *end)
{
    struct pollfd look[2] = {{.fd = output, .events = POLLIN}, {.fd = told, .events = POLLIN}};

    while (look[0].fd >= 0 || look[1].fd >= 0) {
        if (poll(look, 2, LOOK_MS) < 0)
            look[0].revents = look[1].revents = 0;
        if (look[0].revents)
            look[0].fd = take(output, &end->output);
        if (look[1].revents)
            look[1].fd = take(told, &end->words);
        if (atomic_load(stop))
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

void own_command_run(const char *const *words, atomic_bool *stop, struct own_command_end *end)
{
    const char *all[WORDS_MOST] = {"coebench"};
    pid_t parent = getpid(), child;
    int pipes[2][2];

    *end = (struct own_command_end){.code = -1};
    for (size_t i = 0; words[i] && i + 2 < WORDS_MOST; i++)
        all[i + 1] = words[i];
    if (!open_pipes(pipes))
        return;
    child = fork();
    if (child == 0)
        become(all, pipes[0][1], pipes[1][1], parent);
    close(pipes[0][1]);
    close(pipes[1][1]);
    if (child > 0) {
        read_both(pipes[0][0], pipes[1][0], child, stop, end);
        end->code = wait_for(child);
    }
    close(pipes[0][0]);
    close(pipes[1][0]);
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
    text_clear(&end->output);
    text_clear(&end->words);
}
