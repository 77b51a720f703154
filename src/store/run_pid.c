#include "store/run_pid.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

const char run_pid_file_name[] = "run.pid";

enum { STAT_MOST = 4096, PID_FILE_MOST = 64 };

/* /proc has files without a size. */
static bool read_stat(pid_t pid, char text[STAT_MOST])
{
    char *path = memory_printf("/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(text, 1, STAT_MOST - 1, file) : 0;

    text[length] = '\0';
    if (file)
        fclose(file);
    free(path);
    return length > 0;
}

/* When a process that lives began; false where there is none. Its name, which may hold anything,
 * ends at the last bracket; behind it stand the state, field 3, and numbers. */
static bool began_at(pid_t pid, unsigned long long *ticks)
{
    char text[STAT_MOST];
    const char *at = read_stat(pid, text) ? strrchr(text, ')') : NULL;

    if (!at || strlen(at) < 3 || strchr("ZXx", at[2]))
        return false;
    for (int field = 2; field < 22 && at; field++)
        at = strchr(at + 1, ' ');
    return at && sscanf(at, " %llu", ticks) == 1;
}

bool run_pid_write(const char *folder, struct error *error)
{
    char *path = file_join(folder, run_pid_file_name), line[PID_FILE_MOST];
    unsigned long long ticks;
    bool done = began_at(getpid(), &ticks) ||
                error_set(error,
                          "/proc/%ld/stat does not tell when this process began; is /proc "
                          "mounted?",
                          (long)getpid());

    if (done) {
        int length = snprintf(line, sizeof line, "%ld %llu\n", (long)getpid(), ticks);

        done = file_write(path, line, (size_t)length, error);
    }
    free(path);
    return done;
}

void run_pid_remove(const char *folder)
{
    char *path = file_join(folder, run_pid_file_name);

    unlink(path);
    free(path);
}

/* False where the file is not there, or is no file of ours. */
static bool read_file(const char *folder, pid_t *pid, unsigned long long *ticks)
{
    char *path = file_join(folder, run_pid_file_name);
    struct text text = {0};
    struct error error;
    long number;
    char end;
    bool done = file_read_regular(path, PID_FILE_MOST, &text, &error) && text.bytes &&
                sscanf(text.bytes, "%ld %llu%c", &number, ticks, &end) == 3 && end == '\n' &&
                number > 0;

    if (done)
        *pid = (pid_t)number;
    text_clear(&text);
    free(path);
    return done;
}

/* The descriptor comes first: while it is open, and what it stands for lives, no other process gets
 * that number. */
int run_pid_open(const char *folder, pid_t *pid)
{
    unsigned long long then, now;
    int fd = read_file(folder, pid, &then) ? (int)syscall(SYS_pidfd_open, *pid, 0) : -1;

    if (fd < 0)
        return -1;
    if (began_at(*pid, &now) && now == then)
        return fd;
    close(fd);
    return -1;
}

/* Two of one signal that come soon after each other may become one, so a run is cancelled by one of
 * each that it takes. */
bool run_pid_ask(int process, bool cancel)
{
    return pidfd_send_signal(process, SIGINT, NULL, 0) == 0 &&
           (!cancel || pidfd_send_signal(process, SIGTERM, NULL, 0) == 0);
}
