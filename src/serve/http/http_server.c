#include "serve/http/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/thread.h"
#include "serve/chat/chats.h"
#include "serve/http/background.h"
#include "serve/http/body_file.h"
#include "serve/http/exchange_http.h"
#include "serve/http/guard.h"
#include "serve/http/http_clients.h"
#include "serve/page_assets.h"
#include "serve/watch/watching.h"
#include "serve/workbench.h"

enum {
    BACKLOG =
        4096,   /* what a burst may wait for: without a place a client tries again after a second */
    BURST = 64, /* connections that are taken in before others are looked after */
    HEAD_MOST = 16 << 10,
    IDLE_S = 60, /* without a byte, whatever is under way */
    LOOK_MS = 200,
};

struct http_server {
    struct workbench *workbench;
    struct MHD_Daemon *daemon;
    struct http_clients *clients;
    int socket, wake; /* `wake`: an eventfd that ends the thread's wait */
    atomic_bool stop;
    bool runs; /* the thread does */
    pthread_t thread;
};

static bool read_address(const char *address, int port, struct sockaddr_in *inet)
{
    *inet = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return inet_pton(AF_INET, address ? address : "127.0.0.1", &inet->sin_addr) == 1;
}

static bool bind_socket(int made, struct sockaddr_in *inet, int *used, struct error *error)
{
    socklen_t size = sizeof *inet;
    const int on = 1;

    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made, (struct sockaddr *)inet, size) < 0 || listen(made, BACKLOG) < 0 ||
        getsockname(made, (struct sockaddr *)inet, &size) < 0)
        return error_set(error, "cannot listen on port %d: %s; --port takes another, 0 a free one",
                         ntohs(inet->sin_port), strerror(errno));
    *used = ntohs(inet->sin_port);
    return true;
}

int http_server_listen(const char *address, int port, int *used, struct error *error)
{
    struct sockaddr_in inet;
    int made;

    if (!read_address(address, port, &inet)) {
        error_set(error, "--listen takes an IPv4 address, not '%.60s'", address);
        return -1;
    }
    made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) {
        error_set(error, "cannot make a socket: %s", strerror(errno));
        return -1;
    }
    if (!bind_socket(made, &inet, used, error)) {
        close(made);
        return -1;
    }
    return made;
}

/* --- One request ----------------------------------------------------------------------------- */

static bool changes_something(const struct exchange *exchange)
{
    return strcmp(exchange->method, "GET") != 0 && strcmp(exchange->method, "HEAD") != 0;
}

/* Whether the request comes from a page of another site: a browser says so (Fetch Metadata). */
static bool is_foreign(const struct exchange *exchange)
{
    const char *site = exchange_header(exchange, "Sec-Fetch-Site");

    return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static bool may_enter(const struct workbench *workbench, const struct exchange *exchange)
{
    const int64_t now_ns = clock_monotonic_ns();
    bool secret =
        guard_knows_secret(workbench->guard, exchange_header(exchange, "X-Coebench"), now_ns);
    bool cookie = guard_knows_cookie(workbench->guard, exchange_header(exchange, "Cookie"), now_ns);

    switch (exchange->route->access) {
    case ROUTE_OPEN:
        return true;
    case ROUTE_PAGE:
        return cookie;
    case ROUTE_API:
        return secret;
    case ROUTE_READER:
        return secret || (cookie && !is_foreign(exchange));
    }
    return false;
}

static void refuse_entry(struct exchange *exchange)
{
    if (exchange->route->access == ROUTE_PAGE)
        exchange_reply_asset(exchange, MHD_HTTP_FORBIDDEN, "text/html; charset=utf-8", serve_locked,
                             strlen(serve_locked));
    else
        exchange_refuse(exchange, MHD_HTTP_UNAUTHORIZED,
                        "this needs a session: open the link that 'coebench serve' printed, or "
                        "press Enter in its terminal for another");
}

static bool find_route(struct exchange *exchange)
{
    char allowed[ROUTE_ALLOWED];

    switch (route_find(exchange->method, exchange->path, &exchange->route, &exchange->places,
                       allowed)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_NO_METHOD:
        exchange_add_header(exchange, MHD_HTTP_HEADER_ALLOW, allowed);
        exchange_refuse(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "this path takes %s", allowed);
        return false;
    case ROUTE_NO_PATH:
        exchange_refuse(exchange, MHD_HTTP_NOT_FOUND, "nothing is at this path");
        return false;
    }
    return false;
}

/* A length that is given is held against what the route takes before anything is read. */
static bool may_have_body(const struct exchange *exchange)
{
    const char *given = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return !given || strtoull(given, NULL, 10) <= exchange->route->body_most;
}

static void refuse_body(struct exchange *exchange)
{
    if (exchange->route->body_most == 0)
        exchange_refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "this takes no body");
    else
        exchange_refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE,
                        "this takes a body of %zu bytes at most", exchange->route->body_most);
}

/* Whether the request may go on to its route; else it has its reply. */
static bool check_head(const struct workbench *workbench, struct exchange *exchange)
{
    if (!guard_knows_host(workbench->guard, exchange_header(exchange, MHD_HTTP_HEADER_HOST))) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN,
                        "the workbench is not reached under this name");
        return false;
    }
    if (!find_route(exchange))
        return false;
    if (!may_enter(workbench, exchange)) {
        refuse_entry(exchange);
        return false;
    }
    if (changes_something(exchange) &&
        !guard_knows_origin(workbench->guard, exchange_header(exchange, MHD_HTTP_HEADER_ORIGIN))) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN,
                        "what changes something comes from a page of the workbench (Origin)");
        return false;
    }
    if (!may_have_body(exchange)) {
        refuse_body(exchange);
        return false;
    }
    return true;
}

static struct exchange *begin(struct http_server *server, struct MHD_Connection *connection,
                              const char *path, const char *method)
{
    struct exchange *exchange = exchange_new(connection, method, path, server->wake);
    const char *secret = exchange_header(exchange, "X-Coebench");

    http_clients_begin_request(
        server->clients, exchange->socket,
        guard_knows_secret(server->workbench->guard, secret, clock_monotonic_ns()));
    return exchange;
}

/* A large one goes into a file. */
static bool take_into_file(const struct workbench *workbench, struct exchange *exchange,
                           const char *bytes, size_t length)
{
    if (!exchange->body_file)
        exchange->body_file = body_file_new(workbench, exchange->route->body_most);
    return body_file_add(exchange->body_file, bytes, length);
}

/* A part of the body; what is too much ends it. */
static enum MHD_Result take_body(const struct workbench *workbench, struct exchange *exchange,
                                 const char *bytes, size_t *length)
{
    if (exchange->route->body_most > ROUTE_BODY_IN_MEMORY) {
        if (!take_into_file(workbench, exchange, bytes, *length))
            return MHD_NO;
    } else if (exchange->body.length + *length > exchange->route->body_most) {
        return MHD_NO;
    } else {
        text_add(&exchange->body, bytes, *length);
    }
    *length = 0;
    return MHD_YES;
}

static enum MHD_Result ask_route(struct http_server *server, struct exchange *exchange)
{
    exchange->asked = true;
    http_clients_take_request(server->clients, exchange->socket);
    exchange->route->respond(server->workbench, exchange);
    return exchange->later ? MHD_YES : exchange_send(exchange);
}

/* The library calls it with the head, with each part of the body, at the body's end, and once more
 * where the reply was to come later. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *bytes, size_t *length, void **own)
{
    struct http_server *server = context;
    struct exchange *exchange = *own;

    (void)version;
    if (!exchange) {
        *own = exchange = begin(server, connection, path, method);
        return check_head(server->workbench, exchange) ? MHD_YES : exchange_send(exchange);
    }
    if (*length > 0)
        return take_body(server->workbench, exchange, bytes, length);
    return exchange->asked ? exchange_send(exchange) : ask_route(server, exchange);
}

static void tell(const struct workbench *workbench, const struct exchange *exchange, int64_t now_ns)
{
    char moment[CLOCK_TEXT], *line;

    if (!workbench->tell_request)
        return;
    clock_format_time_of_day(clock_wall_ns(), moment);
    line = memory_printf("%.8s %s %s %u %.1f ms", moment, exchange->method, exchange->path,
                         exchange->status, 1e3 * clock_seconds(exchange->began_ns, now_ns));
    workbench->tell_request(line);
    free(line);
}

static void on_end(void *context, struct MHD_Connection *connection, void **own,
                   enum MHD_RequestTerminationCode how)
{
    struct http_server *server = context;
    struct exchange *exchange = *own;
    int64_t now_ns = clock_monotonic_ns();

    (void)connection;
    (void)how;
    if (!exchange)
        return;
    tell(server->workbench, exchange, now_ns);
    http_clients_end_request(server->clients, exchange->socket, now_ns);
    exchange_free(exchange);
    *own = NULL;
}

/* --- Connections ----------------------------------------------------------------------------- */

static void on_connection(void *context, struct MHD_Connection *connection, void **own,
                          enum MHD_ConnectionNotificationCode how)
{
    struct http_server *server = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    (void)own;
    if (how == MHD_CONNECTION_NOTIFY_CLOSED && info)
        http_clients_drop(server->clients, info->connect_fd);
}

/* One that waits; false: none does. */
static bool take_in(struct http_server *server)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int socket =
        accept4(server->socket, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (socket < 0)
        return false;
    if (!http_clients_add(server->clients, socket, clock_monotonic_ns())) {
        close(socket);
        return true;
    }
    /* The library closes it where it cannot take it. */
    if (MHD_add_connection(server->daemon, socket, (struct sockaddr *)&address, size) != MHD_YES)
        http_clients_drop(server->clients, socket);
    return true;
}

/* How long the library may wait; no longer than LOOK_MS, since it does not always say when it has
 * something left to do (0.9.75). */
static int wait_most_ms(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG most;

    if (MHD_get_timeout(server->daemon, &most) != MHD_YES || most > LOOK_MS)
        return LOOK_MS;
    return (int)most;
}

/* Waits for a connection, unless none may be accepted for those that are being closed, and for what
 * the library waits for. */
static void wait_for_work(struct http_server *server, struct pollfd look[3])
{
    eventfd_t woken;

    look[0].fd = http_clients_may_accept(server->clients) ? server->socket : -1;
    if (poll(look, 3, wait_most_ms(server)) < 0)
        look[0].revents = look[1].revents = 0;
    if (look[1].revents & POLLIN)
        eventfd_read(server->wake, &woken);
}

/* All connections live in this thread. */
static void *serve_all(void *context)
{
    struct http_server *server = context;
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd look[3] = {{.events = POLLIN},
                             {.fd = server->wake, .events = POLLIN},
                             {.fd = info ? info->epoll_fd : -1, .events = POLLIN}};

    while (!atomic_load(&server->stop)) {
        wait_for_work(server, look);
        for (int i = 0; i < BURST && look[0].revents & POLLIN && take_in(server); i++)
            continue;
        MHD_run(server->daemon);
        http_clients_end_late(server->clients, clock_monotonic_ns());
    }
    return NULL;
}

/* Decodes "%41" in a path or a query, in place. What stands for a zero byte would end the text, and
 * becomes a letter that stands nowhere. */
static size_t decode(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    for (char *at = text; (at = strstr(at, "%00"));)
        at[2] = '1';
    return MHD_http_unescape(text);
}

/* The library's own limit of connections is never met, since it would keep a lock then (0.9.75). */
static struct MHD_Daemon *start_library(struct http_server *server)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
        NULL, on_request, server, MHD_OPTION_NOTIFY_COMPLETED, on_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEAD_MOST, MHD_OPTION_CONNECTION_LIMIT, (unsigned)(8 * HTTP_CLIENTS_OPEN),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_UNESCAPE_CALLBACK, decode, NULL,
        MHD_OPTION_END);
}

struct http_server *http_server_start(struct workbench *workbench, int socket, struct error *error)
{
    struct http_server *server = memory_new(1, sizeof *server);

    server->workbench = workbench;
    server->socket = socket;
    server->clients = http_clients_new();
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    workbench->background = background_start(workbench);
    workbench->watching = watching_start(workbench);
    server->daemon = workbench->background && workbench->watching ? start_library(server) : NULL;
    server->runs = server->daemon && server->wake >= 0 &&
                   thread_start(&server->thread, "serve", serve_all, server);
    if (server->runs)
        return server;
    error_set(error, "cannot start the server's threads: %s", strerror(errno));
    http_server_stop(server);
    return NULL;
}

void http_server_stop(struct http_server *server)
{
    if (!server)
        return;
    if (server->runs) {
        atomic_store(&server->stop, true);
        eventfd_write(server->wake, 1);
        pthread_join(server->thread, NULL);
    }
    background_stop(server->workbench->background); /* which goes on with whatever was suspended */
    watching_stop(server->workbench->watching);     /* likewise */
    chats_stop(server->workbench->chats);           /* likewise */
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    watching_free(server->workbench->watching);
    background_free(server->workbench->background);
    if (server->wake >= 0)
        close(server->wake);
    close(server->socket);
    http_clients_free(server->clients);
    free(server);
}
