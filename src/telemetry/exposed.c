#include "telemetry/exposed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/memory.h"

enum { SILENCE_MOST_S = 10, MEMORY_OF_CONNECTION = 8 << 10, BACKLOG = 64 };

struct exposed {
    struct MHD_Daemon *daemon;
    int port;
    void (*write)(void *context, struct text *page);
    void *context;
};

/* --- Responses -------------------------------------------------------------------------------- */

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status,
                               struct text *page, const char *header, const char *value)
{
    size_t length = page->length;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, text_take(page), MHD_RESPMEM_MUST_FREE);
    enum MHD_Result done;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, header, value);
    done = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status,
                              const char *sentence, const char *header, const char *value)
{
    struct text page = {0};

    text_add_string(&page, sentence);
    return respond(connection, status, &page, header, value);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_length, void **state)
{
    const struct exposed *exposed = context;
    struct text page = {0};

    (void)version;
    (void)upload;
    (void)upload_length;
    (void)state;
    if (strcmp(url, "/metrics") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "metrics are at /metrics\n", "Content-Type",
                      "text/plain");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n", "Allow",
                      "GET, HEAD");
    exposed->write(exposed->context, &page);
    return respond(connection, MHD_HTTP_OK, &page, "Content-Type",
                   "text/plain; version=0.0.4; charset=utf-8");
}

/* --- Listening -------------------------------------------------------------------------------- */

/* Of our own, so that why it fails is known; its port, or −1. */
static int bind_port(int fd, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -1;
    return ntohs(address.sin_port);
}

/* Its thread takes no signals. */
static struct MHD_Daemon *start(struct exposed *exposed, int fd)
{
    struct MHD_Daemon *daemon;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, on_request, exposed,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)EXPOSED_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_MOST_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)MEMORY_OF_CONNECTION, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

struct exposed *exposed_new(int port, void (*write)(void *context, struct text *page),
                            void *context, struct error *error)
{
    struct exposed *exposed = memory_new(1, sizeof *exposed);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    *exposed = (struct exposed){.port = -1, .write = write, .context = context};
    if (fd >= 0)
        exposed->port = bind_port(fd, port);
    if (exposed->port < 0) {
        error_set(error,
                  "cannot listen on 127.0.0.1:%d for who watches: %s; give another port, or 0 for "
                  "one that is free",
                  port, strerror(errno));
        if (fd >= 0)
            close(fd);
    } else {
        exposed->daemon = start(exposed, fd);
        if (!exposed->daemon)
            error_set(error, "127.0.0.1:%d: the server of metrics does not start", exposed->port);
    }
    if (exposed->daemon)
        return exposed;
    free(exposed);
    return NULL;
}

int exposed_port(const struct exposed *exposed)
{
    return exposed->port;
}

void exposed_free(struct exposed *exposed)
{
    if (!exposed)
        return;
    MHD_stop_daemon(exposed->daemon);
    free(exposed);
}

const char *exposed_library(void)
{
    return MHD_get_version();
}
