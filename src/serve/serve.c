#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "serve/chat/chats.h"
#include "serve/http/guard.h"
#include "serve/http/http_server.h"
#include "serve/start/checks.h"
#include "serve/start/endpoints.h"
#include "serve/start/starter.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"

/* The signals that end it, as a file that can be waited for; −1 with a sentence. */
static int open_signals(struct error *error)
{
    sigset_t set;
    int file;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    file = signalfd(-1, &set, SFD_CLOEXEC);
    if (file < 0)
        error_set(error, "cannot wait for signals: %s", strerror(errno));
    return file;
}

/* Makes a link, and has it shown. */
static void show_link(const struct serve_options *options, struct guard *guard, bool first)
{
    struct text link = {0};

    guard_add_link(guard, &link);
    options->show_link(options->root, link.bytes, first);
    text_clear(&link);
}

/* A link for each line; false at the end of the input. */
static bool read_input(const struct serve_options *options, struct guard *guard)
{
    char bytes[256];
    ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);

    if (got > 0 && memchr(bytes, '\n', (size_t)got))
        show_link(options, guard, false);
    return got > 0;
}

static void wait_for_signal(const struct serve_options *options, struct guard *guard, int signals)
{
    struct pollfd look[2] = {{.fd = signals, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};

    while (!(look[0].revents & POLLIN)) {
        if (poll(look, 2, -1) < 0)
            look[0].revents = look[1].revents = 0;
        if (look[1].revents && !read_input(options, guard))
            look[1].fd = -1;
    }
}

static bool write_port(const struct serve_options *options, int port, struct error *error)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%d\n", port);

    return !options->port_file || file_write(options->port_file, text, (size_t)length, error);
}

/* What starting runs takes. */
static bool begin_starting(struct workbench *workbench, struct error *error)
{
    workbench->endpoints = endpoints_new();
    workbench->chats = chats_new();
    workbench->checks = checks_new();
    workbench->under_way = under_way_new(workbench);
    workbench->starter = starter_start(workbench);
    return workbench->starter || error_set(error, "cannot start the server's threads");
}

/* Runs that were started go on. */
static void end_starting(struct workbench *workbench)
{
    starter_free(workbench->starter);
    under_way_free(workbench->under_way);
    checks_free(workbench->checks);
    chats_free(workbench->chats);
    endpoints_free(workbench->endpoints);
}

/* With the folder open, a socket that listens, and the signals held. */
static bool serve_on(struct workbench *workbench, const struct serve_options *options, int socket,
                     int port, struct error *error)
{
    int signals = open_signals(error);
    struct http_server *server = NULL;
    bool served;

    if (signals < 0) {
        close(socket);
        return false;
    }
    workbench->guard = guard_new(port, options->public_host);
    if (begin_starting(workbench, error))
        server = http_server_start(workbench, socket, error);
    else
        close(socket);
    served = server && write_port(options, port, error);
    if (served) {
        show_link(options, workbench->guard, true);
        wait_for_signal(options, workbench->guard, signals);
    }
    http_server_stop(server);
    end_starting(workbench);
    guard_free(workbench->guard);
    close(signals);
    return served;
}

bool serve_until_stopped(const struct serve_options *options, struct error *error)
{
    struct workbench workbench = {.root = options->root,
                                  .reports = PTHREAD_MUTEX_INITIALIZER,
                                  .tell_request = options->tell_request};
    int port = 0, socket;
    bool served = false;

    workbench.folder = open(options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (workbench.folder < 0)
        return error_set(error, "cannot open the folder '%s': %s", options->root, strerror(errno));
    socket = http_server_listen(options->address, options->port, &port, error);
    if (socket >= 0)
        served = serve_on(&workbench, options, socket, port, error);
    close(workbench.folder);
    return served;
}
