/* Loaded before the C library: a wall clock that somebody sets. It begins at SET_CLOCK_AT seconds,
 * and each SET_CLOCK_EVERY_MS is set SET_CLOCK_BY_MS ahead, then back again. The kernel's stamps of
 * arrival follow it, as they would. The monotonic clock stays as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const int64_t ms = 1000000, second = 1000000000;
static int64_t began_ns, at_ns, every_ns, by_ns;

static int64_t now_of(clockid_t clock)
{
    struct timespec now;

    syscall(SYS_clock_gettime, clock, &now);
    return now.tv_sec * second + now.tv_nsec;
}

static int64_t given(const char *name, int64_t unit)
{
    const char *value = getenv(name);

    return value ? (int64_t)(atof(value) * (double)unit) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    began_ns = now_of(CLOCK_MONOTONIC);
    at_ns = given("SET_CLOCK_AT", second);
    every_ns = given("SET_CLOCK_EVERY_MS", ms);
    by_ns = given("SET_CLOCK_BY_MS", ms);
}

/* What the wall clock shows when the monotonic one shows `mono_ns`. */
static int64_t wall_at(int64_t mono_ns)
{
    int64_t since = mono_ns - began_ns;

    return at_ns + since + (every_ns && (since / every_ns) % 2 ? by_ns : 0);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int64_t wall_ns;

    if (clock != CLOCK_REALTIME)
        return (int)syscall(SYS_clock_gettime, clock, now);
    wall_ns = wall_at(now_of(CLOCK_MONOTONIC));
    *now = (struct timespec){wall_ns / second, wall_ns % second};
    return 0;
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags)
{
    static ssize_t (*real)(int, struct msghdr *, int);
    int64_t ahead = now_of(CLOCK_REALTIME) - now_of(CLOCK_MONOTONIC);
    ssize_t got;

    if (!real)
        real = (ssize_t(*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
    got = real(socket, message, flags);
    for (struct cmsghdr *part = got >= 0 ? CMSG_FIRSTHDR(message) : NULL; part;
         part = CMSG_NXTHDR(message, part)) {
        struct timespec stamp;
        int64_t wall_ns;

        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        wall_ns = wall_at(stamp.tv_sec * second + stamp.tv_nsec - ahead);
        stamp = (struct timespec){wall_ns / second, wall_ns % second};
        memcpy(CMSG_DATA(part), &stamp, sizeof stamp);
    }
    return got;
}
