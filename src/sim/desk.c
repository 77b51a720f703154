#include "sim/desk.h"

#include "core/clock.h"
#include "sim/dialect.h"
#include "sim/flood.h"
#include "sim/http.h"
#include "sim/route.h"
#include "sim/truth.h"

/* --- What is due ---------------------------------------------------------------------------- */

/* An answer is complete or given up. */
static void end_answer(struct desk *desk, struct answer *answer)
{
    if (desk->options->truth)
        truth_add(desk->options->truth, answer);
    deadlines_remove(&desk->deadlines, &answer->deadline);
    if (!answer->floods) {
        node_release(desk->node, &answer->request);
        desk->node_ns = node_next_ns(desk->node);
    }
    answer_free(answer);
}

static void finish_answer(struct desk *desk, struct answer *answer)
{
    /* First: where the connection ends, its end follows the last byte at once. */
    connection_finish(answer->connection);
    end_answer(desk, answer);
}

static void send_answer(struct desk *desk, struct answer *answer, int64_t now_ns)
{
    answer_send(answer, now_ns, &desk->room);
    if (!answer->ended) {
        deadlines_put(&desk->deadlines, &answer->deadline, answer_due_ns(answer));
        return;
    }
    if (answer->struck && answer->struck->kind == BUNDLE_FAULT_LISTENER_CLOSED)
        desk->on_leave(desk->context, answer->struck->duration_s);
    finish_answer(desk, answer);
}

/* Goes on in the next turn, or once the socket takes more. */
static void send_flood(struct desk *desk, struct answer *answer, int64_t now_ns)
{
    flood_send(answer, now_ns, &desk->room);
    if (answer->ended)
        finish_answer(desk, answer);
    else if (connection_unsent(answer->connection) == 0)
        deadlines_put(&desk->deadlines, &answer->deadline, now_ns + 1);
    else
        deadlines_remove(&desk->deadlines, &answer->deadline);
}

void desk_work(struct desk *desk)
{
    int64_t now_ns = clock_monotonic_ns();
    struct deadline *first;

    if (desk->node_ns <= now_ns) {
        node_advance(desk->node, now_ns);
        desk->node_ns = node_next_ns(desk->node);
    }
    while ((first = deadlines_first(&desk->deadlines)) && first->due_ns <= now_ns)
        desk->send(desk, first->owner, now_ns);
}

int64_t desk_next_ns(const struct desk *desk)
{
    const struct deadline *first = deadlines_first(&desk->deadlines);

    return first && first->due_ns < desk->node_ns ? first->due_ns : desk->node_ns;
}

static void on_start(void *context, struct node_request *request)
{
    struct desk *desk = context;
    struct answer *answer = request->owner;

    deadlines_put(&desk->deadlines, &answer->deadline, answer_due_ns(answer));
}

/* --- Requests ------------------------------------------------------------------------------- */

/* Gives the answer's request its number, and its place at the node. */
static void submit(struct desk *desk, struct answer *answer)
{
    if (desk->options->flood) {
        flood_begin(answer, desk->floods++);
        return;
    }
    node_submit(desk->node, &answer->request, answer->arrived_ns + answer->delay_ns);
    desk->node_ns = node_next_ns(desk->node);
}

/* Takes over the question. */
static void begin_answer(struct desk *desk, struct connection *connection,
                         const struct question *question, int64_t arrived_ns)
{
    const struct server_options *options = desk->options;
    struct answer *answer = answer_new(question, connection, arrived_ns);

    answer->delay_ns = clock_from_seconds(options->bundle->noise.network_delay_s);
    answer->keeps_moments = options->truth;
    connection_set_owner(connection, answer);
    submit(desk, answer);
    answer_begin(answer, options->bundle, options->seed);
    /* What goes out, or goes wrong, as a request comes does so before the node works for it. */
    deadlines_put(&desk->deadlines, &answer->deadline,
                  answer->floods ? arrived_ns : answer_due_ns(answer));
    if (answer->deadline.due_ns <= arrived_ns)
        desk->send(desk, answer, arrived_ns);
    desk_work(desk);
}

static bool admits(struct desk *desk)
{
    return rate_admits(&desk->rate, desk->options->bundle->behaviour.max_requests_per_s,
                       clock_monotonic_ns());
}

/* Sends what stands in room.event. */
static void reply(struct desk *desk, struct connection *connection, int status,
                  int64_t retry_after_s)
{
    const struct http_answer head = {.status = status,
                                     .keep_alive = connection_keeps_alive(connection),
                                     .type = "application/json",
                                     .retry_after_s = retry_after_s};

    text_reset(&desk->room.wire);
    http_add_whole(&desk->room.wire, &head, &desk->room.event);
    connection_send_last(connection, &desk->room.wire);
    connection_finish(connection);
}

static void refuse_rate(struct desk *desk, struct connection *connection, struct question *question)
{
    const struct bundle_behaviour *behaviour = &desk->options->bundle->behaviour;
    struct refusal refusal;

    refuse(&refusal, 429, "rate_limit_exceeded", NULL, "More than %g requests a second came.",
           behaviour->max_requests_per_s);
    question->dialect->add_refusal(&desk->room.event, &refusal);
    question_clear(question);
    reply(desk, connection, refusal.status, behaviour->retry_after_s);
}

static void on_request(void *context, struct connection *connection,
                       const struct http_request *request, const char *body)
{
    struct desk *desk = context;
    const struct server_options *options = desk->options;
    int64_t arrived_ns = clock_monotonic_ns();
    struct question question;
    int status;

    text_reset(&desk->room.event);
    status =
        route_request(options->bundle, options->key, request, body, &question, &desk->room.event);
    if (status == ROUTE_ASKS && !admits(desk))
        refuse_rate(desk, connection, &question);
    else if (status == ROUTE_ASKS)
        begin_answer(desk, connection, &question, arrived_ns);
    else
        reply(desk, connection, status, 0);
}

/* No request, so no dialect; a client reads the status. */
static void on_refusal(void *context, struct connection *connection, const struct refusal *refusal)
{
    struct desk *desk = context;

    text_reset(&desk->room.event);
    sim_openai.add_refusal(&desk->room.event, refusal);
    reply(desk, connection, refusal->status, 0);
}

/* --- Connections ---------------------------------------------------------------------------- */

static void on_turn(void *context)
{
    desk_work(context);
}

static void on_clear(void *context, struct connection *connection)
{
    struct desk *desk = context;
    struct answer *answer = connection_owner(connection);

    if (answer && answer->floods)
        deadlines_put(&desk->deadlines, &answer->deadline, clock_monotonic_ns());
}

static void on_close(void *context, struct connection *connection)
{
    if (connection_owner(connection))
        end_answer(context, connection_owner(connection));
}

const struct connection_events desk_events = {on_turn, on_request, on_refusal, on_clear, on_close};

/* --- Life ----------------------------------------------------------------------------------- */

void desk_init(struct desk *desk, const struct server_options *options,
               void (*on_leave)(void *context, double seconds), void *context)
{
    *desk = (struct desk){
        .options = options,
        .on_leave = on_leave,
        .context = context,
        .send = options->flood ? send_flood : send_answer,
        .node = node_new(options->bundle, options->seed, clock_monotonic_ns(), on_start, desk),
        .node_ns = NODE_IDLE};
}

void desk_clear(struct desk *desk)
{
    node_free(desk->node);
    deadlines_clear(&desk->deadlines);
    text_clear(&desk->room.event);
    text_clear(&desk->room.wire);
}
