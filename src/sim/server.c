#include "sim/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/listener.h"
#include "sim/scheduler.h"

/* How long to wait before a listener that could not be opened again is tried anew. */
static const int64_t retry_ns = CLOCK_NS_PER_S / 20;

struct server {
    struct server_options options;
    struct poller poller;
    struct listener listener;
    struct watch accepts, signals;
    int signal_fd;
    sigset_t mask_before;
    bool stopping;
    bool starved;          /* no more sockets to be had... */
    int64_t closed_before; /* ...until another was closed than so many */
    int64_t reopen_ns;     /* when to listen again; NODE_IDLE while listening */
    struct connections connections;
    struct scheduler scheduler;
};

/* --- Connections ------------------------------------------------------------------------------ */

/* Takes in all who wait. */
static void accept_all(void *context)
{
    struct server *server = context;
    int fd;

    while ((fd = listener_accept(&server->listener)) >= 0) {
        scheduler_work(&server->scheduler);
        connections_add(&server->connections, fd);
    }
    server->closed_before = server->connections.closed;
    server->starved = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

static bool watch_listener(struct server *server, struct error *error)
{
    if (!poller_add(&server->poller, server->listener.fd, &server->accepts))
        return error_set(error, "cannot watch a socket: %s", strerror(errno));
    return true;
}

void server_refuse_connections(struct server *server, double seconds)
{
    listener_close(&server->listener);
    server->reopen_ns = clock_monotonic_ns() + clock_from_seconds(seconds);
}

static void on_leave(void *context, double seconds)
{
    server_refuse_connections(context, seconds);
}

/* Somebody else may listen on the port by now; it is tried until it is free again. */
static void reopen_listener(struct server *server)
{
    struct error error;

    server->reopen_ns = NODE_IDLE;
    if (listener_open(&server->listener, &error) && watch_listener(server, &error))
        return;
    listener_close(&server->listener);
    server->reopen_ns = clock_monotonic_ns() + retry_ns;
}

/* --- Life ------------------------------------------------------------------------------------- */

static void on_signal(void *context)
{
    struct server *server = context;
    struct signalfd_siginfo signal;

    /* Taken, lest it strike once the mask is what it was. */
    while (read(server->signal_fd, &signal, sizeof signal) > 0)
        server->stopping = true;
}

/* SIGINT and SIGTERM become events like others. */
static bool watch_signals(struct server *server, struct error *error)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    server->signals = (struct watch){on_signal, server};
    server->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (server->signal_fd < 0 || !poller_add(&server->poller, server->signal_fd, &server->signals))
        return error_set(error, "cannot wait for signals: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &set, NULL);
    return true;
}

struct server *server_new(const struct server_options *options, struct error *error)
{
    struct server *server = memory_new(1, sizeof *server);

    server->options = *options;
    server->signal_fd = -1;
    server->listener = (struct listener){-1, -1, 0};
    server->reopen_ns = NODE_IDLE;
    server->accepts = (struct watch){accept_all, server};
    scheduler_init(&server->scheduler, &server->options, on_leave, server);
    sigprocmask(SIG_BLOCK, NULL, &server->mask_before);
    if (!poller_init(&server->poller, error) || !watch_signals(server, error) ||
        !listener_init(&server->listener, options->port, error) || !watch_listener(server, error)) {
        server_free(server);
        return NULL;
    }
    server->connections = (struct connections){.poller = &server->poller,
                                               .certificate = options->certificate,
                                               .events = &scheduler_events,
                                               .context = &server->scheduler};
    return server;
}

int server_port(const struct server *server)
{
    return server->listener.port;
}

const struct lateness *server_lateness(const struct server *server)
{
    return &server->scheduler.room.lateness;
}

/* When there will be something to do, whatever the sockets bring. */
static int64_t next_ns(const struct server *server)
{
    int64_t due_ns = scheduler_next_ns(&server->scheduler);
    int64_t turn_ns = connections_next_ns(&server->connections);

    due_ns = turn_ns < due_ns ? turn_ns : due_ns;
    return due_ns < server->reopen_ns ? due_ns : server->reopen_ns;
}

void server_run(struct server *server)
{
    while (!server->stopping) {
        scheduler_work(&server->scheduler);
        connections_work(&server->connections);
        if (server->starved && server->connections.closed > server->closed_before)
            accept_all(server);
        if (server->reopen_ns <= clock_monotonic_ns())
            reopen_listener(server);
        poller_wait(&server->poller, next_ns(server));
    }
}

void server_free(struct server *server)
{
    if (!server)
        return;
    connections_clear(&server->connections);
    listener_clear(&server->listener);
    if (server->signal_fd >= 0)
        close(server->signal_fd);
    poller_clear(&server->poller);
    sigprocmask(SIG_SETMASK, &server->mask_before, NULL);
    scheduler_clear(&server->scheduler);
    free(server);
}
