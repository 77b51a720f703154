/* Loaded before the C library: what puts files on the disk and in their places is written to
 * TRACE_FILE, a line a call: thread, call, path, size there, and where a name is given, the new
 * one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void trace(const char *call, const char *path, const char *to)
{
    char line[3 * PATH_MAX], here[PATH_MAX] = "";
    const char *file = getenv("TRACE_FILE");
    struct stat about = {0};
    int fd = file ? open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
    int length;

    if (path[0] != '/' && !getcwd(here, sizeof here))
        abort();
    stat(path, &about);
    length = snprintf(line, sizeof line, "%ld\t%s\t%s/%s\t%lld\t%s/%s\n", syscall(SYS_gettid), call,
                      here, path, (long long)about.st_size, to && to[0] != '/' ? here : "",
                      to ? to : "");
    if (fd >= 0 && write(fd, line, (size_t)length) != length)
        abort();
    if (fd >= 0)
        close(fd);
}

static void trace_file(const char *call, int fd)
{
    char link[64], path[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return;
    path[length] = '\0';
    trace(call, path, NULL);
}

/* A call counts before it is made where it gives a name, and after it where it syncs. */

int fsync(int fd)
{
    int done = (int)syscall(SYS_fsync, fd);

    if (done == 0)
        trace_file("sync", fd);
    return done;
}

int fdatasync(int fd)
{
    int done = (int)syscall(SYS_fdatasync, fd);

    if (done == 0)
        trace_file("sync", fd);
    return done;
}

int rename(const char *from, const char *to)
{
    trace("name", from, to);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    trace("name", from, to);
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to)
{
    trace("name", from, to);
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
