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
static void become(const char *const *words, int told, pid_t parent)
{
    sigset_t none;
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getppid() != parent || nowhere < 0 || dup2(nowhere, STDIN_FILENO) < 0 ||
        dup2(nowhere, STDOUT_FILENO) < 0 || dup2(told, STDERR_FILENO) < 0)
        _exit(127);
    execv("/proc/self/exe", (char *const *)words);
    _exit(127);
}

/* Reads what there is; past the ceiling it is read and forgotten. False at its end. */
static bool take(int told, struct text *words)
{
    char bytes[PIECE];
    ssize_t got = read(told, bytes, sizeof bytes);

    if (got < 0 && errno == EINTR)
        return true;
    if (got > 0 && words->length + (size_t)got <= OWN_COMMAND_MOST)
        text_add(words, bytes, (size_t)got);
    return got > 0;
}

static void read_all(int told, pid_t child, atomic_bool *stop, struct text *words)
{
    struct pollfd look = {.fd = told, .events = POLLIN};
    bool more = true;

    while (more) {
        if (poll(&look, 1, LOOK_MS) > 0)
            more = take(told, words);
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
    int ends[2];

    *end = (struct own_command_end){.code = -1};
    for (size_t i = 0; words[i] && i + 2 < WORDS_MOST; i++)
        all[i + 1] = words[i];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    child = fork();
    if (child == 0)
        become(all, ends[1], parent);
    close(ends[1]);
    if (child > 0) {
        read_all(ends[0], child, stop, &end->words);
        end->code = wait_for(child);
    }
    close(ends[0]);
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
}
