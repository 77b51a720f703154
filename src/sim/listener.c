#include "sim/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

/* A socket bound to the port, or -1. */
static int bind_socket(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int read_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;

    getsockname(fd, (struct sockaddr *)&address, &length);
    return ntohs(address.sin_port);
}

bool listener_init(struct listener *listener, int port, struct error *error)
{
    *listener = (struct listener){.fd = -1, .place = bind_socket(port), .port = port};
    if (listener->place < 0)
        return error_set(error, "cannot listen on 127.0.0.1:%d: %s", port, strerror(errno));
    listener->port = read_port(listener->place);
    return listener_open(listener, error);
}

void listener_close(struct listener *listener)
{
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
}

bool listener_open(struct listener *listener, struct error *error)
{
    if (listener->fd >= 0)
        return true;
    listener->fd = bind_socket(listener->port);
    if (listener->fd >= 0 && listen(listener->fd, BACKLOG) == 0)
        return true;
    error_set(error, "cannot listen on 127.0.0.1:%d: %s", listener->port, strerror(errno));
    listener_close(listener);
    return false;
}

int listener_accept(const struct listener *listener)
{
    return accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void listener_clear(struct listener *listener)
{
    listener_close(listener);
    if (listener->place >= 0)
        close(listener->place);
    *listener = (struct listener){.fd = -1, .place = -1};
}
