/* Loaded before the C library: FAIL_CALL (socket or connect) of an internet stream fails with
 * FAIL_ERRNO, each FAIL_EACH-th time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool fails(const char *call, int family)
{
    static atomic_int calls;
    const char *wanted = getenv("FAIL_CALL"), *each = getenv("FAIL_EACH");

    if ((family != AF_INET && family != AF_INET6) || !wanted || strcmp(wanted, call) != 0)
        return false;
    if ((atomic_fetch_add(&calls, 1) + 1) % (each ? atoi(each) : 1) != 0)
        return false;
    errno = atoi(getenv("FAIL_ERRNO"));
    return true;
}

int socket(int family, int type, int protocol)
{
    int (*next)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

    if ((type & 0xf) == SOCK_STREAM && fails("socket", family))
        return -1;
    return next(family, type, protocol);
}

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    int (*next)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    int type = 0;
    socklen_t size = sizeof type;

    getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size);
    if (type == SOCK_STREAM && fails("connect", address->sa_family))
        return -1;
    return next(socket, address, length);
}
