/* A program that is interrupted just before it asks the kernel something of a socket, for so long
 * that more bytes come meanwhile. Calls of recvmsg and getsockopt count. */
#ifndef TEST_LOAD_INTERRUPTED_H
#define TEST_LOAD_INTERRUPTED_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "support.h"

static struct {
    int calls; /* until then; 0: it is over */
    int from;  /* the bytes' socket */
    const char *bytes;
    size_t length;
    int64_t sent_ns; /* just before they left */
} interruption;

static void interrupt_call(int call, int from, const char *bytes, size_t length)
{
    interruption.calls = call;
    interruption.from = from;
    interruption.bytes = bytes;
    interruption.length = length;
}

static void interruption_pass(void)
{
    if (interruption.calls == 0 || --interruption.calls > 0)
        return;
    nanosleep(&(struct timespec){0, 2000000}, NULL);
    interruption.sent_ns = clock_monotonic_ns();
    assert_int_equal(write(interruption.from, interruption.bytes, interruption.length),
                     interruption.length);
}

/* When the bytes left: where there were fewer calls, now. */
static int64_t interrupt_end(void)
{
    if (interruption.calls > 0)
        interruption.calls = 1;
    interruption_pass();
    return interruption.sent_ns;
}

/* Instead of the C library's. */
ssize_t recvmsg(int socket, struct msghdr *message, int flags)
{
    interruption_pass();
    return syscall(SYS_recvmsg, socket, message, flags);
}

int getsockopt(int socket, int level, int name, void *value, socklen_t *length)
{
    interruption_pass();
    return (int)syscall(SYS_getsockopt, socket, level, name, value, length);
}

#endif
