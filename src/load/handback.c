#include "load/handback.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool handback_init(struct handback *handback)
{
    int pair[2] = {-1, -1};
    bool is_made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0;

    *handback = (struct handback){.reader = pair[0], .writer = pair[1], .spare = -1};
    if (is_made)
        handback->spare = fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
    return handback->spare >= 0;
}

static void drain(const struct handback *handback)
{
    char unread[4096];

    while (recv(handback->reader, unread, sizeof unread, 0) > 0)
        continue;
}

bool handback_begin(struct handback *handback, int socket, const char *bytes, size_t length)
{
    if (send(handback->writer, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) {
        drain(handback);
        return false;
    }
    dup3(socket, handback->spare, O_CLOEXEC);
    dup3(handback->reader, socket, O_CLOEXEC);
    handback->socket = socket;
    handback->closed = false;
    handback->is_on = true;
    return true;
}

bool handback_has(const struct handback *handback, int socket)
{
    return handback->is_on && !handback->closed && handback->socket == socket;
}

size_t handback_left(const struct handback *handback)
{
    int left = 0;

    if (!handback->is_on || ioctl(handback->reader, FIONREAD, &left) != 0)
        return 0;
    return left > 0 ? (size_t)left : 0;
}

void handback_end(struct handback *handback)
{
    if (!handback->is_on)
        return;
    if (!handback->closed)
        dup3(handback->spare, handback->socket, O_CLOEXEC);
    dup3(handback->reader, handback->spare, O_CLOEXEC);
    drain(handback);
    handback->is_on = false;
}

void handback_clear(struct handback *handback)
{
    const int all[] = {handback->reader, handback->writer, handback->spare};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] >= 0)
            close(all[i]);
    }
    *handback = (struct handback){.reader = -1, .writer = -1, .spare = -1};
}
