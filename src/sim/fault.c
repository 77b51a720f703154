#include "sim/fault.h"

#include <string.h>

#include "core/clock.h"
#include "core/random.h"
#include "sim/compose.h"
#include "sim/dialect.h"
#include "sim/http.h"

/* A purpose of chance, unlike those of token_text.c: "fault". */
static const uint64_t draw_fault = 0x6661756c74;

enum { PIECE = 128 << 10, PIECE_NS = 1000 * 1000 };

/* --- Kinds ------------------------------------------------------------------------------------ */

static void reset(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    (void)now_ns;
    (void)room;
    response->ended = true;
    connection_reset(response->connection);
}

static void stall(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    pending_start(&response->pending, &room->wire, 0,
                  clock_from_seconds(response->struck->duration_s), now_ns);
}

static void end_body(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    (void)now_ns;
    compose_open(response, room);
    compose_close(response, room);
}

/* Half of an event's chunk, and no more. */
static void cut(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    size_t before;

    (void)now_ns;
    compose_open(response, room);
    before = room->wire.length;
    text_add_string(&room->event, response->question.dialect->event_start);
    text_add_string(&room->event, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" cut\"}}]}");
    text_add_string(&room->event, response->question.dialect->event_end);
    compose_frame(response, room);
    room->wire.length -= (room->wire.length - before) / 2;
    response->ended = true;
    connection_close_soon(response->connection);
}

static void add_event_from(struct sim_response *response, const char *start, const char *json,
                           struct response_room *room)
{
    compose_open(response, room);
    text_add_string(&room->event, start);
    text_add_string(&room->event, json);
    text_add_string(&room->event, response->question.dialect->event_end);
    compose_frame(response, room);
}

static void add_event(struct sim_response *response, const char *json, struct response_room *room)
{
    add_event_from(response, response->question.dialect->event_start, json, room);
}

static void say_no_json(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    (void)now_ns;
    add_event(response, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":", room);
}

static void say_error(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    const struct sim_dialect *dialect = response->question.dialect;
    struct refusal refusal;
    struct text json = {0};

    (void)now_ns;
    refuse(&refusal, 500, "internal_server_error", NULL, "The simulated node lost the request.");
    (dialect->add_failure ? dialect->add_failure : dialect->add_refusal)(&json, &refusal);
    add_event_from(response, dialect->error_start ? dialect->error_start : dialect->event_start,
                   json.bytes, room);
    text_clear(&json);
    if (dialect->done) {
        text_add_string(&room->event, dialect->done);
        compose_frame(response, room);
    }
    compose_close(response, room);
}

/* Valid JSON, only too much of it; no socket takes it at once. */
static void say_much(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    struct text json = {0};

    text_add_string(&json, "{\"padding\":\"");
    while (json.length < BUNDLE_FAULT_HUGE_BYTES)
        text_add_string(&json, "................................................................");
    text_add_string(&json, "\"}");
    add_event(response, json.bytes, room);
    text_clear(&json);
    pending_start(&response->pending, &room->wire, PIECE, PIECE_NS, now_ns);
}

static void hang_up_after(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    (void)now_ns;
    compose_open(response, room);
    connection_close_soon(response->connection);
}

static void refuse_with(struct sim_response *response, int status, const char *type,
                        struct response_room *room)
{
    const struct http_response head = {
        .status = status, .keep_alive = connection_keeps_alive(response->connection), .type = type};

    response->ended = true;
    http_add_whole(&room->wire, &head, &room->event);
}

static void fail_500(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    struct refusal refusal;

    (void)now_ns;
    refuse(&refusal, 500, "internal_server_error", NULL, "The simulated server made a mistake.");
    response->question.dialect->add_refusal(&room->event, &refusal);
    refuse_with(response, 500, "application/json", room);
}

/* As a proxy says it that finds nobody behind it. */
static void fail_502(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    (void)now_ns;
    text_add_string(&room->event, "<html><head><title>502 Bad Gateway</title></head>"
                                  "<body><h1>502 Bad Gateway</h1></body></html>\n");
    refuse_with(response, 502, "text/html", room);
}

static void fail_503(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    struct refusal refusal;

    (void)now_ns;
    refuse(&refusal, 503, "maintenance", NULL, "The simulated server is down for maintenance.");
    response->question.dialect->add_refusal(&room->event, &refusal);
    refuse_with(response, 503, "application/json", room);
}

static void say_head_slowly(struct sim_response *response, int64_t now_ns,
                            struct response_room *room)
{
    int64_t all_ns = clock_from_seconds(response->struck->duration_s);

    compose_open(response, room);
    pending_start(&response->pending, &room->wire, 1, all_ns / (int64_t)room->wire.length, now_ns);
}

/* --- Their table ------------------------------------------------------------------------------ */

enum strikes { ON_ARRIVAL, STREAM_ON_ARRIVAL, IN_STREAM };

static const struct {
    enum strikes strikes;
    void (*strike)(struct sim_response *response, int64_t now_ns, struct response_room *room);
} kinds[] = {
    [BUNDLE_FAULT_RESET] = {ON_ARRIVAL, reset},
    [BUNDLE_FAULT_RESET_STREAM] = {IN_STREAM, reset},
    [BUNDLE_FAULT_STALL] = {IN_STREAM, stall},
    [BUNDLE_FAULT_NO_END] = {IN_STREAM, end_body},
    [BUNDLE_FAULT_CUT] = {IN_STREAM, cut},
    [BUNDLE_FAULT_BAD_JSON] = {IN_STREAM, say_no_json},
    [BUNDLE_FAULT_ERROR_EVENT] = {IN_STREAM, say_error},
    [BUNDLE_FAULT_HUGE_EVENT] = {IN_STREAM, say_much},
    [BUNDLE_FAULT_HANG_UP] = {IN_STREAM, hang_up_after},
    [BUNDLE_FAULT_ERROR_500] = {ON_ARRIVAL, fail_500},
    [BUNDLE_FAULT_ERROR_502] = {ON_ARRIVAL, fail_502},
    [BUNDLE_FAULT_ERROR_503] = {ON_ARRIVAL, fail_503},
    [BUNDLE_FAULT_SLOW_HEAD] = {STREAM_ON_ARRIVAL, say_head_slowly},
    [BUNDLE_FAULT_LISTENER_CLOSED] = {ON_ARRIVAL, reset}, /* and the server closes its listener */
};

/* --- Who is struck, and when ------------------------------------------------------------------ */

static bool strikes(const struct bundle_fault *fault, size_t i, const struct node_request *request,
                    uint64_t seed)
{
    const uint64_t key[] = {seed, (uint64_t)request->number, draw_fault, i};
    struct random random;

    if (fault->model && strcmp(fault->model, request->expert->name) != 0)
        return false;
    if (fault->request > 0)
        return fault->request == request->number + 1;
    random_init(&random, key, 4);
    return random_unit(&random) < fault->probability;
}

const struct bundle_fault *fault_draw(const struct node_file *file,
                                      const struct node_request *request, uint64_t seed)
{
    for (size_t i = 0; i < file->faults.count; i++) {
        if (strikes(bundle_fault(file, i), i, request, seed))
            return bundle_fault(file, i);
    }
    return NULL;
}

static bool strikes_there(const struct sim_response *response, enum strikes where)
{
    return response->fault && kinds[response->fault->kind].strikes == where;
}

bool fault_is_on_arrival(const struct sim_response *response)
{
    return strikes_there(response, ON_ARRIVAL) ||
           (strikes_there(response, STREAM_ON_ARRIVAL) && response->question.stream);
}

bool fault_is_next(const struct sim_response *response)
{
    return strikes_there(response, IN_STREAM) && response->question.stream &&
           response->sent_tokens >= response->fault->after_tokens;
}

void fault_strike(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    response->struck = response->fault;
    response->fault = NULL;
    kinds[response->struck->kind].strike(response, now_ns, room);
}
