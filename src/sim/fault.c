#include "sim/fault.h"

#include <string.h>

#include "core/clock.h"
#include "core/random.h"
#include "sim/compose.h"
#include "sim/dialect.h"
#include "sim/http.h"

/* A purpose of chance, unlike those of speech.c: "fault". */
static const uint64_t draw_fault = 0x6661756c74;

enum { PIECE = 128 << 10, PIECE_NS = 1000 * 1000 };

/* --- Kinds ---------------------------------------------------------------------------------- */

static void reset(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    (void)now_ns;
    (void)room;
    answer->ended = true;
    connection_reset(answer->connection);
}

static void stall(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    held_start(&answer->held, &room->wire, 0, clock_from_seconds(answer->struck->duration_s),
               now_ns);
}

static void end_body(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    (void)now_ns;
    compose_open(answer, room);
    compose_close(answer, room);
}

/* Half of an event's chunk, and no more. */
static void cut(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    size_t before;

    (void)now_ns;
    compose_open(answer, room);
    before = room->wire.length;
    text_add_string(&room->event, answer->question.dialect->event_start);
    text_add_string(&room->event, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" cut\"}}]}");
    text_add_string(&room->event, answer->question.dialect->event_end);
    compose_frame(answer, room);
    room->wire.length -= (room->wire.length - before) / 2;
    answer->ended = true;
    connection_close_soon(answer->connection);
}

static void add_event(struct answer *answer, const char *json, struct answer_room *room)
{
    compose_open(answer, room);
    text_add_string(&room->event, answer->question.dialect->event_start);
    text_add_string(&room->event, json);
    text_add_string(&room->event, answer->question.dialect->event_end);
    compose_frame(answer, room);
}

static void say_no_json(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    (void)now_ns;
    add_event(answer, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":", room);
}

static void say_error(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;
    struct refusal refusal;
    struct text json = {0};

    (void)now_ns;
    refuse(&refusal, 500, "internal_server_error", NULL, "The simulated node lost the request.");
    dialect->add_refusal(&json, &refusal);
    add_event(answer, json.bytes, room);
    text_clear(&json);
    if (dialect->done) {
        text_add_string(&room->event, dialect->done);
        compose_frame(answer, room);
    }
    compose_close(answer, room);
}

/* Valid JSON, only too much of it; no socket takes it at once. */
static void say_much(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    struct text json = {0};

    text_add_string(&json, "{\"padding\":\"");
    while (json.length < BUNDLE_FAULT_HUGE_BYTES)
        text_add_string(&json, "................................................................");
    text_add_string(&json, "\"}");
    add_event(answer, json.bytes, room);
    text_clear(&json);
    held_start(&answer->held, &room->wire, PIECE, PIECE_NS, now_ns);
}

static void hang_up_after(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    (void)now_ns;
    compose_open(answer, room);
    connection_close_soon(answer->connection);
}

static void refuse_with(struct answer *answer, int status, const char *type,
                        struct answer_room *room)
{
    const struct http_answer head = {
        .status = status, .keep_alive = connection_keeps_alive(answer->connection), .type = type};

    answer->ended = true;
    http_add_whole(&room->wire, &head, &room->event);
}

static void fail_500(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    struct refusal refusal;

    (void)now_ns;
    refuse(&refusal, 500, "internal_server_error", NULL, "The simulated server made a mistake.");
    answer->question.dialect->add_refusal(&room->event, &refusal);
    refuse_with(answer, 500, "application/json", room);
}

/* As a proxy says it that finds nobody behind it. */
static void fail_502(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    (void)now_ns;
    text_add_string(&room->event, "<html><head><title>502 Bad Gateway</title></head>"
                                  "<body><h1>502 Bad Gateway</h1></body></html>\n");
    refuse_with(answer, 502, "text/html", room);
}

static void fail_503(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    struct refusal refusal;

    (void)now_ns;
    refuse(&refusal, 503, "maintenance", NULL, "The simulated server is down for maintenance.");
    answer->question.dialect->add_refusal(&room->event, &refusal);
    refuse_with(answer, 503, "application/json", room);
}

static void say_head_slowly(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    int64_t all_ns = clock_from_seconds(answer->struck->duration_s);

    compose_open(answer, room);
    held_start(&answer->held, &room->wire, 1, all_ns / (int64_t)room->wire.length, now_ns);
}

/* --- Their table ---------------------------------------------------------------------------- */

enum strikes { ON_ARRIVAL, STREAM_ON_ARRIVAL, IN_STREAM };

static const struct {
    enum strikes strikes;
    void (*strike)(struct answer *answer, int64_t now_ns, struct answer_room *room);
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

/* --- Who is struck, and when ---------------------------------------------------------------- */

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

const struct bundle_fault *fault_draw(const struct bundle *bundle,
                                      const struct node_request *request, uint64_t seed)
{
    for (size_t i = 0; i < bundle->faults.count; i++) {
        if (strikes(bundle_fault(bundle, i), i, request, seed))
            return bundle_fault(bundle, i);
    }
    return NULL;
}

static bool strikes_there(const struct answer *answer, enum strikes where)
{
    return answer->fault && kinds[answer->fault->kind].strikes == where;
}

bool fault_is_on_arrival(const struct answer *answer)
{
    return strikes_there(answer, ON_ARRIVAL) ||
           (strikes_there(answer, STREAM_ON_ARRIVAL) && answer->question.stream);
}

bool fault_is_next(const struct answer *answer)
{
    return strikes_there(answer, IN_STREAM) && answer->question.stream &&
           answer->sent_tokens >= answer->fault->after_tokens;
}

void fault_strike(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    answer->struck = answer->fault;
    answer->fault = NULL;
    kinds[answer->struck->kind].strike(answer, now_ns, room);
}
