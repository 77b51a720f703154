#include "sim/server.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/answer.h"
#include "sim/behaviour.h"
#include "sim/dialect.h"
#include "sim/http.h"
#include "sim/listener.h"
#include "sim/route.h"
#include "sim/truth.h"

enum { SIGNALS = 2 };

struct server {
    struct server_options options;
    struct event_base *base;
    struct listener *listener;
    struct event *signals[SIGNALS];
    struct event *alarm;
    int alarm_fd;
    int64_t alarm_ns; /* what it is set to */
    struct connections connections;
    struct node *node;
    struct deadlines deadlines;
    struct answer_room room;
    struct rate rate;
};

/* --- What is due ---------------------------------------------------------------------------- */

static void set_alarm(struct server *server)
{
    const struct deadline *first = deadlines_first(&server->deadlines);
    int64_t due_ns = node_next_ns(server->node);
    struct itimerspec moment = {0};

    if (first && first->due_ns < due_ns)
        due_ns = first->due_ns;
    if (due_ns == server->alarm_ns)
        return;
    server->alarm_ns = due_ns;
    if (due_ns != NODE_IDLE) {
        moment.it_value.tv_sec = due_ns / CLOCK_NS_PER_S;
        moment.it_value.tv_nsec = due_ns % CLOCK_NS_PER_S;
    }
    timerfd_settime(server->alarm_fd, TFD_TIMER_ABSTIME, &moment, NULL);
}

/* An answer is complete or given up. */
static void end_answer(struct server *server, struct answer *answer)
{
    if (server->options.truth)
        truth_add(server->options.truth, answer);
    deadlines_remove(&server->deadlines, &answer->deadline);
    node_release(server->node, &answer->request);
    answer_free(answer);
}

static void send_answer(struct server *server, struct answer *answer, int64_t now_ns)
{
    struct connection *connection = answer->connection;

    answer_send(answer, now_ns, &server->room);
    if (!answer->ended) {
        deadlines_put(&server->deadlines, &answer->deadline, answer_due_ns(answer));
        return;
    }
    if (answer->struck && answer->struck->kind == BUNDLE_FAULT_LISTENER_CLOSED)
        listener_leave(server->listener, clock_from_seconds(answer->struck->duration_s));
    end_answer(server, answer);
    connection_finish(connection);
}

static void on_turn(void *context)
{
    struct server *server = context;
    int64_t now_ns = clock_monotonic_ns();
    struct deadline *first;

    node_advance(server->node, now_ns);
    while ((first = deadlines_first(&server->deadlines)) && first->due_ns <= now_ns)
        send_answer(server, first->owner, now_ns);
    set_alarm(server);
}

static void on_alarm(evutil_socket_t fd, short what, void *context)
{
    struct server *server = context;
    uint64_t times;

    (void)what;
    /* Until it is set anew, it stays readable; reading also serves where there is nothing left. */
    if (read(fd, &times, sizeof times) > 0)
        server->alarm_ns = NODE_IDLE;
    on_turn(server);
}

static void on_start(void *context, struct node_request *request)
{
    struct server *server = context;
    struct answer *answer = request->owner;

    deadlines_put(&server->deadlines, &answer->deadline, answer_due_ns(answer));
}

/* --- Requests ------------------------------------------------------------------------------- */

/* Takes over the question. */
static void begin_answer(struct server *server, struct connection *connection,
                         const struct question *question, int64_t arrived_ns)
{
    const struct server_options *options = &server->options;
    struct answer *answer = answer_new(question, connection, arrived_ns);

    answer->delay_ns = clock_from_seconds(options->bundle->noise.network_delay_s);
    answer->keeps_moments = options->truth;
    connection_set_owner(connection, answer);
    node_submit(server->node, &answer->request, arrived_ns + answer->delay_ns);
    answer_begin(answer, options->bundle, options->seed);
    /* What goes out, or goes wrong, as a request comes does so before the node works for it. */
    deadlines_put(&server->deadlines, &answer->deadline, answer_due_ns(answer));
    if (answer->deadline.due_ns <= arrived_ns)
        send_answer(server, answer, arrived_ns);
    on_turn(server);
}

static bool admits(struct server *server)
{
    return rate_admits(&server->rate, server->options.bundle->behaviour.max_requests_per_s,
                       clock_monotonic_ns());
}

/* Sends what stands in room.event. */
static void reply(struct server *server, struct connection *connection, int status,
                  int64_t retry_after_s)
{
    const struct http_answer head = {.status = status,
                                     .keep_alive = connection_keeps_alive(connection),
                                     .type = "application/json",
                                     .retry_after_s = retry_after_s};

    text_reset(&server->room.wire);
    http_add_whole(&server->room.wire, &head, &server->room.event);
    connection_send(connection, &server->room.wire);
    connection_finish(connection);
}

static void refuse_rate(struct server *server, struct connection *connection,
                        struct question *question)
{
    const struct bundle_behaviour *behaviour = &server->options.bundle->behaviour;
    struct refusal refusal;

    refuse(&refusal, 429, "rate_limit_exceeded", NULL, "More than %g requests a second came.",
           behaviour->max_requests_per_s);
    question->dialect->add_refusal(&server->room.event, &refusal);
    question_clear(question);
    reply(server, connection, refusal.status, behaviour->retry_after_s);
}

static void on_request(void *context, struct connection *connection,
                       const struct http_request *request, const char *body)
{
    struct server *server = context;
    const struct server_options *options = &server->options;
    int64_t arrived_ns = clock_monotonic_ns();
    struct question question;
    int status;

    text_reset(&server->room.event);
    status =
        route_request(options->bundle, options->key, request, body, &question, &server->room.event);
    if (status == ROUTE_ASKS && !admits(server))
        refuse_rate(server, connection, &question);
    else if (status == ROUTE_ASKS)
        begin_answer(server, connection, &question, arrived_ns);
    else
        reply(server, connection, status, 0);
}

/* No request, so no dialect; a client reads the status. */
static void on_refusal(void *context, struct connection *connection, const struct refusal *refusal)
{
    struct server *server = context;

    text_reset(&server->room.event);
    sim_openai.add_refusal(&server->room.event, refusal);
    reply(server, connection, refusal->status, 0);
}

/* --- Connections ---------------------------------------------------------------------------- */

static void on_close(void *context, struct connection *connection)
{
    struct server *server = context;

    if (connection_owner(connection))
        end_answer(server, connection_owner(connection));
    listener_resume(server->listener);
}

static const struct connection_events connection_events = {on_turn, on_request, on_refusal,
                                                           on_close};

static void on_accept(void *context, int fd)
{
    struct server *server = context;

    on_turn(server);
    connections_add(&server->connections, fd);
}

/* --- Life ----------------------------------------------------------------------------------- */

static void on_signal(evutil_socket_t signal, short what, void *context)
{
    struct server *server = context;

    (void)signal;
    (void)what;
    event_base_loopbreak(server->base);
}

static bool prepare_events(struct server *server, struct error *error)
{
    static const int numbers[SIGNALS] = {SIGINT, SIGTERM};

    server->base = event_base_new();
    server->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (!server->base || server->alarm_fd < 0)
        return error_set(error, "cannot wait for events: %s", strerror(errno));
    server->alarm =
        event_new(server->base, server->alarm_fd, EV_READ | EV_PERSIST, on_alarm, server);
    event_add(server->alarm, NULL);
    for (int i = 0; i < SIGNALS; i++) {
        server->signals[i] = evsignal_new(server->base, numbers[i], on_signal, server);
        event_add(server->signals[i], NULL);
    }
    return true;
}

struct server *server_new(const struct server_options *options, struct error *error)
{
    struct server *server = memory_new(1, sizeof *server);

    server->options = *options;
    server->alarm_ns = NODE_IDLE;
    server->node = node_new(options->bundle, options->seed, on_start, server);
    if (prepare_events(server, error))
        server->listener = listener_new(server->base, options->port, on_accept, server, error);
    if (!server->listener) {
        server_free(server);
        return NULL;
    }
    server->connections = (struct connections){server->base, &connection_events, server, NULL};
    return server;
}

int server_port(const struct server *server)
{
    return listener_port(server->listener);
}

void server_run(struct server *server)
{
    event_base_dispatch(server->base);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    connections_clear(&server->connections);
    listener_free(server->listener);
    for (int i = 0; i < SIGNALS; i++) {
        if (server->signals[i])
            event_free(server->signals[i]);
    }
    if (server->alarm)
        event_free(server->alarm);
    if (server->alarm_fd >= 0)
        close(server->alarm_fd);
    if (server->base)
        event_base_free(server->base);
    node_free(server->node);
    deadlines_clear(&server->deadlines);
    text_clear(&server->room.event);
    text_clear(&server->room.wire);
    free(server);
}
