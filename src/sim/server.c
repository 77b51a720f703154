#include "sim/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/answer.h"
#include "sim/dialect.h"
#include "sim/flood.h"
#include "sim/listener.h"
#include "sim/route.h"
#include "sim/truth.h"

/* How long to wait before a listener that could not be opened again is tried anew. */
static const int64_t retry_ns = CLOCK_NS_PER_S / 20;

struct server {
    struct server_options options;
    void (*send)(struct server *server, struct answer *answer, int64_t now_ns); /* what is due */
    struct poller poller;
    struct listener listener;
    struct watch accepts, signals;
    int signal_fd;
    sigset_t mask_before;
    bool stopping;
    bool starved;      /* no more sockets to be had... */
    bool relieved;     /* ...until one was closed */
    int64_t reopen_ns; /* when to listen again; NODE_IDLE while listening */
    int64_t node_ns;   /* node_next_ns, asked once after each change */
    struct connections connections;
    struct node *node;
    struct deadlines deadlines;
    int64_t floods; /* answers of a flood so far */
    struct answer_room room;
};

/* --- What is due ---------------------------------------------------------------------------- */

/* An answer is complete or given up. */
static void end_answer(struct server *server, struct answer *answer)
{
    if (server->options.truth)
        truth_add(server->options.truth, answer);
    deadlines_remove(&server->deadlines, &answer->deadline);
    if (!answer->floods) {
        node_release(server->node, &answer->request);
        server->node_ns = node_next_ns(server->node);
    }
    answer_clear(answer);
    free(answer);
}

static void finish_answer(struct server *server, struct answer *answer)
{
    struct connection *connection = answer->connection;

    end_answer(server, answer);
    connection_finish(connection);
}

static void send_answer(struct server *server, struct answer *answer, int64_t now_ns)
{
    answer_send(answer, now_ns, &server->room);
    if (answer->ended)
        finish_answer(server, answer);
    else
        deadlines_put(&server->deadlines, &answer->deadline, answer_due_ns(answer));
}

/* Goes on in the next turn, or once the socket takes more. */
static void send_flood(struct server *server, struct answer *answer, int64_t now_ns)
{
    flood_send(answer, now_ns, &server->room);
    if (answer->ended)
        finish_answer(server, answer);
    else if (connection_is_clear(answer->connection))
        deadlines_put(&server->deadlines, &answer->deadline, now_ns + 1);
    else
        deadlines_remove(&server->deadlines, &answer->deadline);
}

/* Carries out what is due, first of all else in every turn. */
static void on_turn(void *context)
{
    struct server *server = context;
    int64_t now_ns = clock_monotonic_ns();
    struct deadline *first;

    if (server->node_ns <= now_ns) {
        node_advance(server->node, now_ns);
        server->node_ns = node_next_ns(server->node);
    }
    while ((first = deadlines_first(&server->deadlines)) && first->due_ns <= now_ns)
        server->send(server, first->owner, now_ns);
}

/* When there will be something to do, whatever the sockets bring. */
static int64_t next_ns(const struct server *server)
{
    const struct deadline *first = deadlines_first(&server->deadlines);
    int64_t at_ns = server->node_ns < server->reopen_ns ? server->node_ns : server->reopen_ns;

    if (server->connections.awake)
        return INT64_MIN;
    return first && first->due_ns < at_ns ? first->due_ns : at_ns;
}

static void on_start(void *context, struct node_request *request)
{
    struct server *server = context;
    struct answer *answer = request->owner;

    deadlines_put(&server->deadlines, &answer->deadline, answer_due_ns(answer));
}

/* --- Requests ------------------------------------------------------------------------------- */

static void submit(struct server *server, struct answer *answer, int64_t now_ns)
{
    if (server->options.flood) {
        flood_begin(answer, server->floods++, now_ns);
        deadlines_put(&server->deadlines, &answer->deadline, now_ns);
        return;
    }
    node_submit(server->node, &answer->request, now_ns);
    server->node_ns = node_next_ns(server->node);
}

static void begin_answer(struct server *server, struct connection *connection,
                         const struct question *question)
{
    struct answer *answer = memory_new(1, sizeof *answer);

    answer->request = (struct node_request){.expert = question->expert,
                                            .tier = question->tier,
                                            .prompt_tokens = question->prompt_tokens,
                                            .completion_tokens = question->max_tokens,
                                            .owner = answer};
    answer->deadline.owner = answer;
    answer->connection = connection;
    answer->question = *question;
    answer->first_sent_ns = answer->last_sent_ns = CLOCK_NEVER;
    connection_set_owner(connection, answer);
    submit(server, answer, clock_monotonic_ns());
    speech_init(&answer->speech, server->options.bundle, &answer->request, &answer->question,
                server->options.seed, clock_wall_ns());
    answer_prepare(answer);
    on_turn(server);
}

/* Sends what stands in room.event. */
static void reply(struct server *server, struct connection *connection, int status)
{
    text_reset(&server->room.wire);
    http_add_answer(&server->room.wire, status, connection_keeps_alive(connection),
                    &server->room.event);
    connection_send(connection, &server->room.wire);
    connection_finish(connection);
}

static void on_request(void *context, struct connection *connection,
                       const struct http_request *request, const char *body)
{
    struct server *server = context;
    const struct server_options *options = &server->options;
    struct question question;
    int status;

    text_reset(&server->room.event);
    status =
        route_request(options->bundle, options->key, request, body, &question, &server->room.event);
    if (status == ROUTE_ASKS)
        begin_answer(server, connection, &question);
    else
        reply(server, connection, status);
}

/* No request, so no dialect; a client reads the status. */
static void on_refusal(void *context, struct connection *connection, const struct refusal *refusal)
{
    struct server *server = context;

    text_reset(&server->room.event);
    sim_openai.add_refusal(&server->room.event, refusal);
    reply(server, connection, refusal->status);
}

/* --- Connections ---------------------------------------------------------------------------- */

static void on_clear(void *context, struct connection *connection)
{
    struct server *server = context;
    struct answer *answer = connection_owner(connection);

    if (answer && answer->floods)
        deadlines_put(&server->deadlines, &answer->deadline, clock_monotonic_ns());
}

static void on_close(void *context, struct connection *connection)
{
    struct server *server = context;

    if (connection_owner(connection))
        end_answer(server, connection_owner(connection));
    server->relieved = server->starved;
}

static const struct connection_events connection_events = {on_turn, on_request, on_refusal,
                                                           on_clear, on_close};

/* Takes in all who wait. */
static void accept_all(void *context)
{
    struct server *server = context;
    int fd;

    while ((fd = listener_accept(&server->listener)) >= 0) {
        on_turn(server);
        connections_add(&server->connections, fd);
    }
    server->relieved = false;
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

/* --- Life ----------------------------------------------------------------------------------- */

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
    server->send = options->flood ? send_flood : send_answer;
    server->signal_fd = -1;
    server->listener = (struct listener){-1, -1, 0};
    server->node_ns = server->reopen_ns = NODE_IDLE;
    server->accepts = (struct watch){accept_all, server};
    server->node = node_new(options->bundle, on_start, server);
    sigprocmask(SIG_BLOCK, NULL, &server->mask_before);
    if (!poller_init(&server->poller, error) || !watch_signals(server, error) ||
        !listener_init(&server->listener, options->port, error) || !watch_listener(server, error)) {
        server_free(server);
        return NULL;
    }
    server->connections = (struct connections){.poller = &server->poller,
                                               .identity = options->identity,
                                               .events = &connection_events,
                                               .context = server};
    return server;
}

int server_port(const struct server *server)
{
    return server->listener.port;
}

const struct lateness *server_lateness(const struct server *server)
{
    return &server->room.lateness;
}

void server_run(struct server *server)
{
    while (!server->stopping) {
        on_turn(server);
        connections_work(&server->connections);
        if (server->relieved)
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
    node_free(server->node);
    deadlines_clear(&server->deadlines);
    text_clear(&server->room.event);
    text_clear(&server->room.wire);
    free(server);
}
