#include "sim/response.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/behaviour.h"
#include "sim/compose.h"
#include "sim/dialect.h"
#include "sim/fault.h"

/* While this much waits for the socket, what is held back is held on. */
enum { UNSENT_MOST = 1 << 20 };

struct sim_response *sim_response_new(const struct question *question,
                                      struct connection *connection, int64_t arrived_ns)
{
    struct sim_response *response = memory_new(1, sizeof *response);

    response->request = (struct node_request){.expert = question->expert,
                                              .tier = question->tier,
                                              .prompt_tokens = question->prompt_tokens,
                                              .completion_tokens = question->max_tokens,
                                              .owner = response};
    response->deadline.owner = response;
    response->connection = connection;
    response->question = *question;
    response->request.prefix = question->has_prefix ? &response->question.prefix : NULL;
    response->arrived_ns = arrived_ns;
    return response;
}

void sim_response_free(struct sim_response *response)
{
    if (!response)
        return;
    question_clear(&response->question);
    pending_clear(&response->pending);
    event_template_clear(&response->event_template);
    text_clear(&response->block);
    free(response->token_ns);
    free(response);
}

void sim_response_begin(struct sim_response *response, const struct node_file *file, uint64_t seed)
{
    const struct sim_dialect *dialect = response->question.dialect;

    response->sent_ns = response->request.arrived_ns;
    token_text_init(&response->token_text, file, &response->request, &response->question, seed,
                    clock_wall_ns());
    response->fault = fault_draw(file, &response->request, seed);
    if (response->question.stream && dialect->tokens_alike &&
        behaviour_leaves_tokens_alike(&file->behaviour))
        event_template_make(&response->event_template, dialect, &response->token_text);
}

/* --- When ------------------------------------------------------------------------------------- */

bool sim_response_all_tokens_sent(const struct sim_response *response)
{
    return response->sent_tokens == response->request.completion_tokens;
}

/* When the chunk of tokens that begins with token `first`, or all, can go out; of a response whose
 * request runs. */
static int64_t chunk_ready_ns(const struct sim_response *response, int64_t first)
{
    int64_t last = response->request.completion_tokens - 1;

    if (response->question.stream && !compose_manner(response)->buffered)
        last = first + compose_chunk_tokens(response, first) - 1;
    return node_token_ns(&response->request, last) + response->delay_ns;
}

/* When what is next of the response can go out. */
static int64_t ready_ns(const struct sim_response *response)
{
    const struct node_request *request = &response->request;

    if (!request->batch)
        return NODE_IDLE;
    if (sim_response_all_tokens_sent(response))
        return node_token_ns(request, request->completion_tokens - 1) + response->delay_ns + 1;
    return chunk_ready_ns(response, response->sent_tokens);
}

static int64_t comment_due_ns(const struct sim_response *response)
{
    const struct bundle_behaviour *manner = compose_manner(response);

    if (manner->keep_alive_s == 0 || !response->question.stream ||
        !response->question.dialect->comment)
        return NODE_IDLE;
    return response->sent_ns + clock_from_seconds(manner->keep_alive_s);
}

int64_t sim_response_due_ns(const struct sim_response *response)
{
    int64_t ready = ready_ns(response), comment = comment_due_ns(response);

    if (response->pending.holds)
        return response->pending.next_ns;
    if (fault_is_on_arrival(response))
        return response->arrived_ns;
    if (compose_opens_at_once(response))
        return response->request.arrived_ns + response->delay_ns;
    return ready < comment ? ready : comment;
}

/* --- What ------------------------------------------------------------------------------------- */

static void add_due_tokens(struct sim_response *response, int64_t now_ns,
                           struct response_room *room)
{
    while (!sim_response_all_tokens_sent(response) && ready_ns(response) <= now_ns &&
           !fault_is_next(response))
        compose_tokens(response, room);
}

static void add_to_stream(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    compose_open(response, room);
    if (ready_ns(response) > now_ns && comment_due_ns(response) <= now_ns)
        compose_comment(response, room);
    else if (!sim_response_all_tokens_sent(response))
        add_due_tokens(response, now_ns, room);
    else if (ready_ns(response) <= now_ns)
        compose_end(response, room);
}

/* The next piece of what is held back, unless the reader has enough before it. */
static void add_pending(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    if (connection_unsent(response->connection) > UNSENT_MOST)
        response->pending.next_ns = now_ns + response->pending.every_ns;
    else
        pending_send(&response->pending, &room->wire);
}

static void add_what_is_due(struct sim_response *response, int64_t now_ns,
                            struct response_room *room)
{
    if (response->pending.holds)
        add_pending(response, now_ns, room);
    else if (fault_is_on_arrival(response) ||
             (fault_is_next(response) && ready_ns(response) <= now_ns))
        fault_strike(response, now_ns, room);
    else if (response->question.stream)
        add_to_stream(response, now_ns, room);
    else
        compose_whole(response, room);
}

/* --- Out -------------------------------------------------------------------------------------- */

/* A moment of the node as people's time. */
static double wall_s(int64_t moment_ns, int64_t now_ns)
{
    return (double)(clock_wall_ns() - (now_ns - moment_ns)) / (double)CLOCK_NS_PER_S;
}

int64_t sim_response_stamp(struct sim_response *response, int64_t first)
{
    int64_t now_ns = clock_monotonic_ns();
    size_t needed = (size_t)response->sent_tokens;

    if (!response->keeps_moments)
        return now_ns;
    if (needed > response->token_room) {
        response->token_room =
            needed > 2 * response->token_room ? needed : 2 * response->token_room;
        response->token_ns =
            memory_resize(response->token_ns, response->token_room, sizeof *response->token_ns);
    }
    for (int64_t k = first; k < response->sent_tokens; k++)
        response->token_ns[k] = now_ns;
    return now_ns;
}

/* Notes how late the tokens from `first` on are, which go out at `sent_ns`. */
static void measure(const struct sim_response *response, int64_t first, int64_t sent_ns,
                    struct lateness *lateness)
{
    if (!response->question.stream || response->struck)
        return;
    for (int64_t k = first, count; k < response->sent_tokens; k += count) {
        int64_t late_ns = sent_ns - chunk_ready_ns(response, k);

        count = compose_chunk_tokens(response, k);
        for (int64_t i = 0; i < count; i++)
            lateness_add(lateness, late_ns);
    }
}

void sim_response_send(struct sim_response *response, int64_t now_ns, struct response_room *room)
{
    const struct node_batch *batch = response->request.batch;
    int64_t first = response->sent_tokens;

    text_reset(&room->event);
    text_reset(&room->wire);
    if (batch && (first == 0 || sim_response_all_tokens_sent(response)))
        response->token_text.started_s = wall_s(batch->started_ns, now_ns);
    add_what_is_due(response, now_ns, room);
    if (response->sent_tokens > first)
        measure(response, first, sim_response_stamp(response, first), &room->lateness);
    if (room->wire.length == 0)
        return;
    response->sent_ns = now_ns;
    if (response->ended)
        connection_send_last(response->connection, &room->wire);
    else
        connection_send(response->connection, &room->wire);
}
