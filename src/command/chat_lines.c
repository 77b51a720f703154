#include "command/chat_lines.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/exit.h"

enum { PIECE = 4096, CANCEL = 2 /* as load/load.h has it */ };

atomic_int chat_stop;
static atomic_int last_signal;

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler takes no lock");

static void on_signal(int signal)
{
    if (atomic_load(&last_signal) != SIGTERM)
        atomic_store(&last_signal, signal);
    atomic_store(&chat_stop, CANCEL);
}

void chat_signals_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool chat_signals_begin(void)
{
    if (atomic_load(&last_signal) == SIGTERM)
        return false;
    atomic_store(&last_signal, 0);
    atomic_store(&chat_stop, 0);
    return true;
}

int chat_signals_code(void)
{
    int signal = atomic_load(&last_signal);

    return signal == 0 ? 0 : signal == SIGTERM ? EXIT_TERMINATED : EXIT_INTERRUPTED;
}

/* Waits until something can be read; false where a signal came. It may come in the wait alone, so
 * that none is missed between a look and the wait. */
static bool wait_for_input(void)
{
    struct pollfd look = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t taken, before;
    bool quiet;

    sigemptyset(&taken);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGTERM);
    sigprocmask(SIG_BLOCK, &taken, &before);
    while ((quiet = atomic_load(&last_signal) == 0) && ppoll(&look, 1, NULL, &before) < 0 &&
           errno == EINTR)
        continue;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return quiet;
}

/* Takes a whole line out of what was read; false: there is none yet. */
static bool take_line(struct text *kept, struct text *line)
{
    const char *end = kept->length > 0 ? memchr(kept->bytes, '\n', kept->length) : NULL;
    size_t length;

    if (!end)
        return false;
    length = (size_t)(end - kept->bytes);
    text_add(line, kept->bytes, length);
    memmove(kept->bytes, end + 1, kept->length - length - 1);
    kept->length -= length + 1;
    kept->bytes[kept->length] = '\0';
    return true;
}

/* Whether the line goes on; the sign for that becomes a line's end. */
static bool continues(struct text *line)
{
    if (line->length == 0 || line->bytes[line->length - 1] != '\\')
        return false;
    line->bytes[line->length - 1] = '\n';
    return true;
}

/* More of the input; 0 at its end. */
static ssize_t read_more(struct text *kept)
{
    char piece[PIECE];
    ssize_t got = read(STDIN_FILENO, piece, sizeof piece);

    if (got > 0)
        text_add(kept, piece, (size_t)got);
    return got;
}

enum chat_line chat_line_read(struct text *kept, struct text *line)
{
    text_reset(line);
    for (;;) {
        while (take_line(kept, line)) {
            if (!continues(line))
                return CHAT_LINE;
        }
        if (!wait_for_input()) {
            text_reset(kept);
            tcflush(STDIN_FILENO, TCIFLUSH); /* what is typed, and no line yet */
            return CHAT_LINE_CANCELLED;
        }
        if (read_more(kept) > 0)
            continue;
        text_add(line, kept->bytes ? kept->bytes : "", kept->length);
        text_reset(kept);
        return line->length > 0 ? CHAT_LINE : CHAT_LINE_END;
    }
}

bool chat_input_read(size_t most, struct text *input)
{
    ssize_t got = 0;

    while (input->length <= most && wait_for_input() && (got = read_more(input)) > 0)
        continue;
    return got == 0 && input->length <= most;
}
