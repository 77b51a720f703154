#include "load/handback.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

static bool make_pair(struct handback *handback)
{
    int pair[2];

    if (handback->has_pair)
        return true;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return false;
    handback->reader = pair[0];
    handback->writer = pair[1];
    handback->has_pair = true;
    return true;
}

static void drain(const struct handback *handback)
{
    char unread[4096];

    while (recv(handback->reader, unread, sizeof unread, 0) > 0)
        continue;
}

/* Its place is taken last: until then nothing has changed. */
bool handback_begin(struct handback *handback, int socket, const char *bytes, size_t length)
{
    if (!make_pair(handback))
        return false;
    handback->saved = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (handback->saved < 0)
        return false;
    if (send(handback->writer, bytes, length, MSG_NOSIGNAL) != (ssize_t)length ||
        dup3(handback->reader, socket, O_CLOEXEC) < 0) {
        drain(handback);
        close(handback->saved);
        return false;
    }
    handback->socket = socket;
    handback->closed = false;
    handback->is_on = true;
    return true;
}

bool handback_has(const struct handback *handback, int socket)
{
    return handback->is_on && handback->socket == socket;
}

void handback_end(struct handback *handback)
{
    if (!handback->is_on)
        return;
    if (!handback->closed)
        dup3(handback->saved, handback->socket, O_CLOEXEC);
    close(handback->saved);
    drain(handback);
    handback->is_on = false;
}

void handback_clear(struct handback *handback)
{
    if (handback->has_pair) {
        close(handback->reader);
        close(handback->writer);
    }
    *handback = (struct handback){0};
}
