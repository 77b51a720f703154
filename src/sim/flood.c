#include "sim/flood.h"

#include "core/clock.h"
#include "sim/compose.h"

/* Events in a write, and writes in a turn, so that no response holds up the others for long. */
enum { EVENTS = 64, WRITES = 8 };

void flood_begin(struct sim_response *response, int64_t number)
{
    struct node_request *request = &response->request;

    response->floods = true;
    response->own_batch = (struct node_batch){.configuration = {request->expert, request->tier, 1},
                                              .members = 1,
                                              .hit = true,
                                              .number = number,
                                              .started_ns = response->arrived_ns,
                                              .first_token_ns = response->arrived_ns,
                                              .over_ns = response->arrived_ns};
    request->arrived_ns = response->arrived_ns;
    request->number = number;
    request->batch = &response->own_batch;
}

/* Adds the next events to the wire, up to a write's. */
static void add_events(struct sim_response *response, struct response_room *room)
{
    text_reset(&room->wire);
    for (int i = 0; i < EVENTS && !sim_response_all_tokens_sent(response); i++)
        compose_tokens(response, room);
}

/* The next events, to be sent in one write. Those of a response with a template are kept: the words
 * of its first block serve for all blocks. */
static const struct text *next_events(struct sim_response *response, struct response_room *room)
{
    bool is_whole = response->request.completion_tokens - response->sent_tokens >= EVENTS;

    if (!is_whole || response->event_template.event.length == 0) {
        add_events(response, room);
        return &room->wire;
    }
    if (response->block.length > 0) {
        response->sent_tokens += EVENTS;
        return &response->block;
    }
    add_events(response, room);
    text_add(&response->block, room->wire.bytes, room->wire.length);
    return &response->block;
}

static void send_head(struct sim_response *response, struct response_room *room)
{
    text_reset(&room->wire);
    compose_open(response, room);
    connection_send(response->connection, &room->wire);
}

static void send_stream(struct sim_response *response, struct response_room *room)
{
    if (!response->opened)
        send_head(response, room);
    for (int i = 0; i < WRITES && connection_unsent(response->connection) == 0; i++) {
        int64_t first = response->sent_tokens;
        const struct text *events;

        if (sim_response_all_tokens_sent(response)) {
            text_reset(&room->wire);
            compose_end(response, room);
            connection_send(response->connection, &room->wire);
            return;
        }
        events = next_events(response, room);
        sim_response_stamp(response, first);
        connection_send(response->connection, events);
    }
}

static void send_whole(struct sim_response *response, struct response_room *room)
{
    text_reset(&room->wire);
    compose_whole(response, room);
    sim_response_stamp(response, 0);
    connection_send(response->connection, &room->wire);
}

void flood_send(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    text_reset(&room->event);
    if (response->sent_tokens == 0)
        response->token_text.started_s =
            (double)(clock_wall_ns() - (now_ns - response->own_batch.started_ns)) /
            (double)CLOCK_NS_PER_S;
    if (response->question.stream)
        send_stream(response, room);
    else
        send_whole(response, room);
}
