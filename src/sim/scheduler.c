#include "sim/scheduler.h"

#include "core/clock.h"
#include "sim/dialect.h"
#include "sim/flood.h"
#include "sim/http.h"
#include "sim/route.h"
#include "sim/truth.h"

/* --- What is due ------------------------------------------------------------------------------ */

/* A response is complete or given up. */
static void end_response(struct scheduler *scheduler, struct sim_response *response)
{
    if (!response->floods)
        metrics_note_end(&scheduler->metrics, response, clock_monotonic_ns());
    if (scheduler->options->truth)
        truth_add(scheduler->options->truth, response);
    deadlines_remove(&scheduler->deadlines, &response->deadline);
    if (!response->floods) {
        node_release(scheduler->node, &response->request);
        scheduler->node_ns = node_next_ns(scheduler->node);
    }
    sim_response_free(response);
}

static void finish_response(struct scheduler *scheduler, struct sim_response *response)
{
    /* First: where the connection ends, its end follows the last byte at once. */
    connection_finish(response->connection);
    end_response(scheduler, response);
}

static void send_response(struct scheduler *scheduler, struct sim_response *response,
                          int64_t now_ns)
{
    int64_t first = response->sent_tokens, before_ns = response->sent_ns;

    sim_response_send(response, now_ns, &scheduler->room);
    metrics_note_tokens(&scheduler->metrics, response, first, before_ns, now_ns);
    if (!response->ended) {
        deadlines_put(&scheduler->deadlines, &response->deadline, sim_response_due_ns(response));
        return;
    }
    if (response->struck && response->struck->kind == BUNDLE_FAULT_LISTENER_CLOSED)
        scheduler->on_leave(scheduler->context, response->struck->duration_s);
    finish_response(scheduler, response);
}

/* Continues in the next turn, or once the socket takes more. */
static void send_flood(struct scheduler *scheduler, struct sim_response *response, int64_t now_ns)
{
    flood_send(response, now_ns, &scheduler->room);
    if (response->ended)
        finish_response(scheduler, response);
    else if (connection_unsent(response->connection) == 0)
        deadlines_put(&scheduler->deadlines, &response->deadline, now_ns + 1);
    else
        deadlines_remove(&scheduler->deadlines, &response->deadline);
}

static struct models_view view_of(const struct scheduler *scheduler)
{
    return (struct models_view){scheduler->options->file,
                                scheduler->options->flood ? NULL : scheduler->node,
                                clock_monotonic_ns()};
}

/* What was loaded or unloaded, where somebody listens. */
static void tell_events(struct scheduler *scheduler)
{
    struct models_view view = view_of(scheduler);

    if (scheduler->events.listeners > 0)
        events_tell(&scheduler->events, &view);
}

void scheduler_work(struct scheduler *scheduler)
{
    int64_t now_ns = clock_monotonic_ns();
    struct deadline *first;

    if (scheduler->node_ns <= now_ns) {
        node_advance(scheduler->node, now_ns);
        scheduler->node_ns = node_next_ns(scheduler->node);
    }
    while ((first = deadlines_first(&scheduler->deadlines)) && first->due_ns <= now_ns)
        scheduler->send(scheduler, first->owner, now_ns);
    tell_events(scheduler);
}

int64_t scheduler_next_ns(const struct scheduler *scheduler)
{
    const struct deadline *first = deadlines_first(&scheduler->deadlines);
    int64_t next_ns = scheduler->node_ns, loaded_ns;

    if (first && first->due_ns < next_ns)
        next_ns = first->due_ns;
    if (scheduler->events.listeners == 0)
        return next_ns;
    loaded_ns = node_loaded_ns(scheduler->node, clock_monotonic_ns());
    return loaded_ns < next_ns ? loaded_ns : next_ns;
}

static void on_start(void *context, struct node_request *request)
{
    struct scheduler *scheduler = context;
    struct sim_response *response = request->owner;

    metrics_note_start(&scheduler->metrics, response);
    deadlines_put(&scheduler->deadlines, &response->deadline, sim_response_due_ns(response));
}

/* --- Requests --------------------------------------------------------------------------------- */

/* Gives the response's request its number, and its place at the node. */
static void submit(struct scheduler *scheduler, struct sim_response *response)
{
    if (scheduler->options->flood) {
        flood_begin(response, scheduler->floods++);
        return;
    }
    metrics_note_arrival(&scheduler->metrics);
    node_submit(scheduler->node, &response->request, response->arrived_ns + response->delay_ns);
    scheduler->node_ns = node_next_ns(scheduler->node);
}

/* Takes over the question. */
static void begin_response(struct scheduler *scheduler, struct connection *connection,
                           const struct question *question, int64_t arrived_ns)
{
    const struct server_options *options = scheduler->options;
    struct sim_response *response = sim_response_new(question, connection, arrived_ns);

    response->delay_ns = clock_from_seconds(options->file->noise.network_delay_s);
    response->keeps_moments = options->truth;
    connection_set_owner(connection, response);
    submit(scheduler, response);
    sim_response_begin(response, options->file, options->seed);
    /* What goes out, or goes wrong, as a request comes does so before the node works for it. */
    deadlines_put(&scheduler->deadlines, &response->deadline,
                  response->floods ? arrived_ns : sim_response_due_ns(response));
    if (response->deadline.due_ns <= arrived_ns)
        scheduler->send(scheduler, response, arrived_ns);
    scheduler_work(scheduler);
}

static bool admits(struct scheduler *scheduler)
{
    return rate_admits(&scheduler->rate, scheduler->options->file->behaviour.max_requests_per_s,
                       clock_monotonic_ns());
}

/* Sends what stands in room.event. */
static void reply_as(struct scheduler *scheduler, struct connection *connection, int status,
                     const char *type, int64_t retry_after_s)
{
    const struct http_response head = {.status = status,
                                       .keep_alive = connection_keeps_alive(connection),
                                       .type = type,
                                       .retry_after_s = retry_after_s};

    text_reset(&scheduler->room.wire);
    http_add_whole(&scheduler->room.wire, &head, &scheduler->room.event);
    connection_send_last(connection, &scheduler->room.wire);
    connection_finish(connection);
}

static void reply(struct scheduler *scheduler, struct connection *connection, int status,
                  int64_t retry_after_s)
{
    reply_as(scheduler, connection, status, "application/json", retry_after_s);
}

static void tell_metrics(struct scheduler *scheduler, struct connection *connection)
{
    metrics_add(&scheduler->metrics, scheduler->options->file, &scheduler->room.event);
    reply_as(scheduler, connection, 200, "text/plain; version=0.0.4; charset=utf-8", 0);
}

static void refuse_rate(struct scheduler *scheduler, struct connection *connection,
                        struct question *question)
{
    const struct bundle_behaviour *behaviour = &scheduler->options->file->behaviour;
    struct refusal refusal;

    refuse(&refusal, 429, "rate_limit_exceeded", NULL, "More than %g requests a second came.",
           behaviour->max_requests_per_s);
    question->dialect->add_refusal(&scheduler->room.event, &refusal);
    question_clear(question);
    reply(scheduler, connection, refusal.status, behaviour->retry_after_s);
}

static void on_request(void *context, struct connection *connection,
                       const struct http_request *request, const char *body)
{
    struct scheduler *scheduler = context;
    const struct server_options *options = scheduler->options;
    int64_t arrived_ns = clock_monotonic_ns();
    struct models_view view = view_of(scheduler);
    struct question question;
    int status;

    text_reset(&scheduler->room.event);
    status = route_request(&view, options->key, request, body, &question, &scheduler->room.event);
    if (status == ROUTE_ASKS && !admits(scheduler))
        refuse_rate(scheduler, connection, &question);
    else if (status == ROUTE_ASKS)
        begin_response(scheduler, connection, &question, arrived_ns);
    else if (status == ROUTE_METRICS)
        tell_metrics(scheduler, connection);
    else if (status == ROUTE_EVENTS || status == ROUTE_SWAP_EVENTS)
        events_listen(&scheduler->events, &view, connection,
                      status == ROUTE_EVENTS ? EVENTS_LLAMA_CPP : EVENTS_LLAMA_SWAP);
    else
        reply(scheduler, connection, status, 0);
    scheduler->node_ns = node_next_ns(scheduler->node); /* it may have been told to load */
    tell_events(scheduler);
}

/* No request, so no dialect; a client reads the status. */
static void on_refusal(void *context, struct connection *connection, const struct refusal *refusal)
{
    struct scheduler *scheduler = context;

    text_reset(&scheduler->room.event);
    sim_openai.add_refusal(&scheduler->room.event, refusal);
    reply(scheduler, connection, refusal->status, 0);
}

/* --- Connections ------------------------------------------------------------------------------ */

static void on_turn(void *context)
{
    scheduler_work(context);
}

static void on_clear(void *context, struct connection *connection)
{
    struct scheduler *scheduler = context;
    struct sim_response *response = connection_owner(connection);

    if (response && response->floods)
        deadlines_put(&scheduler->deadlines, &response->deadline, clock_monotonic_ns());
}

static void on_close(void *context, struct connection *connection)
{
    struct scheduler *scheduler = context;

    events_leave(&scheduler->events, connection);
    if (connection_owner(connection))
        end_response(scheduler, connection_owner(connection));
}

const struct connection_events scheduler_events = {on_turn, on_request, on_refusal, on_clear,
                                                   on_close};

/* --- Life ------------------------------------------------------------------------------------- */

void scheduler_init(struct scheduler *scheduler, const struct server_options *options,
                    void (*on_leave)(void *context, double seconds), void *context)
{
    *scheduler = (struct scheduler){
        .options = options,
        .on_leave = on_leave,
        .context = context,
        .send = options->flood ? send_flood : send_response,
        .node = node_new(options->file, options->seed, clock_monotonic_ns(), on_start, scheduler),
        .node_ns = NODE_IDLE};
}

void scheduler_clear(struct scheduler *scheduler)
{
    node_free(scheduler->node);
    deadlines_clear(&scheduler->deadlines);
    events_clear(&scheduler->events);
    text_clear(&scheduler->room.event);
    text_clear(&scheduler->room.wire);
}
