#include "sim/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/memory.h"

enum { BACKLOG = 4096, AGAIN_NS = 10 * 1000 * 1000 };

struct listener {
    struct event_base *base;
    int port;
    void (*on_accept)(void *context, int fd);
    void *context;
    struct evconnlistener *socket; /* NULL while away */
    struct event *back;
};

static void accept_one(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *from,
                       int length, void *context)
{
    struct listener *listener = context;

    (void)socket;
    (void)from;
    (void)length;
    listener->on_accept(listener->context, fd);
}

/* No more sockets to be had: waits until one is closed. */
static void on_accept_error(struct evconnlistener *socket, void *context)
{
    (void)context;
    evconnlistener_disable(socket);
}

static bool listen_on(struct listener *listener, struct error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)listener->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    listener->socket =
        evconnlistener_new_bind(listener->base, accept_one, listener,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                BACKLOG, (struct sockaddr *)&address, sizeof address);
    if (!listener->socket)
        return error_set(error, "cannot listen on 127.0.0.1:%d: %s", listener->port,
                         strerror(errno));
    evconnlistener_set_error_cb(listener->socket, on_accept_error);
    getsockname(evconnlistener_get_fd(listener->socket), (struct sockaddr *)&address, &length);
    listener->port = ntohs(address.sin_port);
    return true;
}

static void come_back_in(struct listener *listener, int64_t wait_ns)
{
    const struct timeval wait = {.tv_sec = wait_ns / CLOCK_NS_PER_S,
                                 .tv_usec = wait_ns % CLOCK_NS_PER_S / 1000};

    event_add(listener->back, &wait);
}

static void on_back(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    struct error error;

    (void)fd;
    (void)what;
    if (!listen_on(listener, &error)) /* somebody has the port for a moment */
        come_back_in(listener, AGAIN_NS);
}

struct listener *listener_new(struct event_base *base, int port,
                              void (*on_accept)(void *context, int fd), void *context,
                              struct error *error)
{
    struct listener *listener = memory_new(1, sizeof *listener);

    listener->base = base;
    listener->port = port;
    listener->on_accept = on_accept;
    listener->context = context;
    listener->back = evtimer_new(base, on_back, listener);
    if (!listen_on(listener, error)) {
        listener_free(listener);
        return NULL;
    }
    return listener;
}

int listener_port(const struct listener *listener)
{
    return listener->port;
}

void listener_resume(struct listener *listener)
{
    if (listener && listener->socket)
        evconnlistener_enable(listener->socket);
}

void listener_leave(struct listener *listener, int64_t duration_ns)
{
    if (!listener->socket)
        return;
    evconnlistener_free(listener->socket);
    listener->socket = NULL;
    come_back_in(listener, duration_ns);
}

void listener_free(struct listener *listener)
{
    if (!listener)
        return;
    if (listener->socket)
        evconnlistener_free(listener->socket);
    event_free(listener->back);
    free(listener);
}
