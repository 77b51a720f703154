/* Loaded before the C library: a wall clock that somebody sets. It begins at SET_CLOCK_AT seconds,
 * and each SET_CLOCK_EVERY_MS it is set SET_CLOCK_BY_MS ahead, then back again, until there is a
 * file SET_CLOCK_UNTIL. As in life, the kernel's stamps of arrival follow it, a timer that waits
 * for it to be set is cancelled, and the monotonic clock stays as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const int64_t ms = 1000000, second = 1000000000;
static int64_t began_ns, at_ns, every_ns, by_ns, ended_ns = INT64_MAX;

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

/* How often the clock was set until the monotonic one shows `mono_ns`. */
static int64_t sets_at(int64_t mono_ns)
{
    const char *until = getenv("SET_CLOCK_UNTIL");
    int64_t end_ns = __atomic_load_n(&ended_ns, __ATOMIC_SEQ_CST);

    if (end_ns == INT64_MAX && until && access(until, F_OK) == 0) {
        int64_t now_ns = now_of(CLOCK_MONOTONIC);

        if (__atomic_compare_exchange_n(&ended_ns, &end_ns, now_ns, 0, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
            end_ns = now_ns;
    }
    return every_ns ? ((mono_ns < end_ns ? mono_ns : end_ns) - began_ns) / every_ns : 0;
}

/* What the wall clock shows when the monotonic one shows `mono_ns`. */
static int64_t wall_at(int64_t mono_ns)
{
    return at_ns + mono_ns - began_ns + (sets_at(mono_ns) % 2 ? by_ns : 0);
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

/* By descriptor: from 1, how often the clock was set when this was last known; 0: no such timer. */
enum { FILES = 1024 };
static int64_t known_sets[FILES];

static int64_t *known_of(int file)
{
    static int64_t none;

    none = 0;
    return file >= 0 && file < FILES ? &known_sets[file] : &none;
}

static int64_t sets(void)
{
    return 1 + sets_at(now_of(CLOCK_MONOTONIC));
}

int timerfd_settime(int timer, int flags, const struct itimerspec *to, struct itimerspec *before)
{
    *known_of(timer) = flags & TFD_TIMER_CANCEL_ON_SET ? sets() : 0;
    return (int)syscall(SYS_timerfd_settime, timer, flags, to, before);
}

int close(int file)
{
    *known_of(file) = 0;
    return (int)syscall(SYS_close, file);
}

ssize_t read(int file, void *bytes, size_t length)
{
    int64_t *known = known_of(file), now;

    if (*known == 0 || (now = sets()) == *known)
        return syscall(SYS_read, file, bytes, length);
    *known = now;
    errno = ECANCELED;
    return -1;
}

/* How far the machine's wall clock is ahead of its monotonic one; a look that was interrupted does
 * not count. */
static int64_t ahead_of_monotonic(void)
{
    int64_t before, wall, after;

    do {
        before = now_of(CLOCK_MONOTONIC);
        wall = now_of(CLOCK_REALTIME);
        after = now_of(CLOCK_MONOTONIC);
    } while (after - before > 20000);
    return wall - before - (after - before) / 2;
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags)
{
    static ssize_t (*real)(int, struct msghdr *, int);
    int64_t ahead = ahead_of_monotonic();
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
