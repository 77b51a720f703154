/* What the tests of sockets share: a client that dials a port of this machine. */
#ifndef DIALING_H
#define DIALING_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "sim/listener.h"
#include "support.h"

/* A connected socket that holds little and whose reads give up after a while; -1 and errno where
 * nobody listens. */
static inline int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int code, little = 16 << 10;

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    code = errno;
    close(fd);
    errno = code;
    return -1;
}

/* The server's side of a connection that was dialled just now: it may take a moment to be there. */
static inline int accept_dialled(const struct listener *listener)
{
    struct pollfd ready = {.fd = listener->fd, .events = POLLIN};

    poll(&ready, 1, 10000);
    return listener_accept(listener);
}

#endif
