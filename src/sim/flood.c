#include "sim/flood.h"

#include "core/clock.h"
#include "sim/compose.h"

/* Events in a write, and writes in a turn, so that no answer holds up the others for long. */
enum { EVENTS = 64, WRITES = 8 };

void flood_begin(struct answer *answer, int64_t number)
{
    struct node_request *request = &answer->request;

    answer->floods = true;
    answer->own_batch = (struct node_batch){.configuration = {request->expert, request->tier, 1},
                                            .members = 1,
                                            .hit = true,
                                            .number = number,
                                            .started_ns = answer->arrived_ns,
                                            .first_token_ns = answer->arrived_ns,
                                            .over_ns = answer->arrived_ns};
    request->arrived_ns = answer->arrived_ns;
    request->number = number;
    request->batch = &answer->own_batch;
}

/* Adds the next events to the wire, up to a write's. */
static void add_events(struct answer *answer, struct answer_room *room)
{
    text_reset(&room->wire);
    for (int i = 0; i < EVENTS && !answer_all_tokens_sent(answer); i++)
        compose_tokens(answer, room);
}

/* The next events, to be sent in one write. Those of an answer with a pattern are kept: the words
 * of its first block serve for all blocks. */
static const struct text *next_events(struct answer *answer, struct answer_room *room)
{
    bool is_whole = answer->request.completion_tokens - answer->sent_tokens >= EVENTS;

    if (!is_whole || answer->pattern.event.length == 0) {
        add_events(answer, room);
        return &room->wire;
    }
    if (answer->block.length > 0) {
        answer->sent_tokens += EVENTS;
        return &answer->block;
    }
    add_events(answer, room);
    text_add(&answer->block, room->wire.bytes, room->wire.length);
    return &answer->block;
}

static void send_head(struct answer *answer, struct answer_room *room)
{
    text_reset(&room->wire);
    compose_open(answer, room);
    connection_send(answer->connection, &room->wire);
}

static void send_stream(struct answer *answer, struct answer_room *room)
{
    if (!answer->opened)
        send_head(answer, room);
    for (int i = 0; i < WRITES && connection_unsent(answer->connection) == 0; i++) {
        int64_t first = answer->sent_tokens;
        const struct text *events;

        if (answer_all_tokens_sent(answer)) {
            text_reset(&room->wire);
            compose_end(answer, room);
            connection_send(answer->connection, &room->wire);
            return;
        }
        events = next_events(answer, room);
        answer_stamp(answer, first);
        connection_send(answer->connection, events);
    }
}

static void send_whole(struct answer *answer, struct answer_room *room)
{
    text_reset(&room->wire);
    compose_whole(answer, room);
    answer_stamp(answer, 0);
    connection_send(answer->connection, &room->wire);
}

void flood_send(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    text_reset(&room->event);
    if (answer->sent_tokens == 0)
        answer->speech.started_s =
            (double)(clock_wall_ns() - (now_ns - answer->own_batch.started_ns)) /
            (double)CLOCK_NS_PER_S;
    if (answer->question.stream)
        send_stream(answer, room);
    else
        send_whole(answer, room);
}
