#include "sim/answer.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/behaviour.h"
#include "sim/compose.h"
#include "sim/dialect.h"
#include "sim/fault.h"

/* While this much waits for the socket, what is held back is held on. */
enum { UNSENT_MOST = 1 << 20 };

struct answer *answer_new(const struct question *question, struct connection *connection,
                          int64_t arrived_ns)
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
    answer->request.prefix = question->has_prefix ? &answer->question.prefix : NULL;
    answer->arrived_ns = arrived_ns;
    return answer;
}

void answer_free(struct answer *answer)
{
    if (!answer)
        return;
    question_clear(&answer->question);
    held_clear(&answer->held);
    pattern_clear(&answer->pattern);
    text_clear(&answer->block);
    free(answer->token_ns);
    free(answer);
}

void answer_begin(struct answer *answer, const struct bundle *bundle, uint64_t seed)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    answer->sent_ns = answer->request.arrived_ns;
    speech_init(&answer->speech, bundle, &answer->request, &answer->question, seed,
                clock_wall_ns());
    answer->fault = fault_draw(bundle, &answer->request, seed);
    if (answer->question.stream && dialect->tokens_alike &&
        behaviour_leaves_tokens_alike(&bundle->behaviour))
        pattern_make(&answer->pattern, dialect, &answer->speech);
}

/* --- When ----------------------------------------------------------------------------------- */

bool answer_all_tokens_sent(const struct answer *answer)
{
    return answer->sent_tokens == answer->request.completion_tokens;
}

/* When the chunk of tokens that begins with token `first`, or all, can go out; of an answer whose
 * request runs. */
static int64_t chunk_ready_ns(const struct answer *answer, int64_t first)
{
    int64_t last = answer->request.completion_tokens - 1;

    if (answer->question.stream && !compose_manner(answer)->buffered)
        last = first + compose_chunk_tokens(answer, first) - 1;
    return node_token_ns(&answer->request, last) + answer->delay_ns;
}

/* When what is next of the answer can go out. */
static int64_t ready_ns(const struct answer *answer)
{
    const struct node_request *request = &answer->request;

    if (!request->batch)
        return NODE_IDLE;
    if (answer_all_tokens_sent(answer))
        return node_token_ns(request, request->completion_tokens - 1) + answer->delay_ns + 1;
    return chunk_ready_ns(answer, answer->sent_tokens);
}

static int64_t comment_due_ns(const struct answer *answer)
{
    const struct bundle_behaviour *manner = compose_manner(answer);

    if (manner->keep_alive_s == 0 || !answer->question.stream || !answer->question.dialect->comment)
        return NODE_IDLE;
    return answer->sent_ns + clock_from_seconds(manner->keep_alive_s);
}

int64_t answer_due_ns(const struct answer *answer)
{
    int64_t ready = ready_ns(answer), comment = comment_due_ns(answer);

    if (answer->held.holds)
        return answer->held.next_ns;
    if (fault_is_on_arrival(answer))
        return answer->arrived_ns;
    if (compose_opens_at_once(answer))
        return answer->request.arrived_ns + answer->delay_ns;
    return ready < comment ? ready : comment;
}

/* --- What ----------------------------------------------------------------------------------- */

static void add_due_tokens(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    while (!answer_all_tokens_sent(answer) && ready_ns(answer) <= now_ns && !fault_is_next(answer))
        compose_tokens(answer, room);
}

static void add_to_stream(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    compose_open(answer, room);
    if (ready_ns(answer) > now_ns && comment_due_ns(answer) <= now_ns)
        compose_comment(answer, room);
    else if (!answer_all_tokens_sent(answer))
        add_due_tokens(answer, now_ns, room);
    else if (ready_ns(answer) <= now_ns)
        compose_end(answer, room);
}

/* The next piece of what is held back, unless the reader has enough before it. */
static void add_held(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    if (connection_unsent(answer->connection) > UNSENT_MOST)
        answer->held.next_ns = now_ns + answer->held.every_ns;
    else
        held_send(&answer->held, &room->wire);
}

static void add_what_is_due(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    if (answer->held.holds)
        add_held(answer, now_ns, room);
    else if (fault_is_on_arrival(answer) || (fault_is_next(answer) && ready_ns(answer) <= now_ns))
        fault_strike(answer, now_ns, room);
    else if (answer->question.stream)
        add_to_stream(answer, now_ns, room);
    else
        compose_whole(answer, room);
}

/* --- Out ------------------------------------------------------------------------------------ */

/* A moment of the node as people's time. */
static double wall_s(int64_t moment_ns, int64_t now_ns)
{
    return (double)(clock_wall_ns() - (now_ns - moment_ns)) / (double)CLOCK_NS_PER_S;
}

int64_t answer_stamp(struct answer *answer, int64_t first)
{
    int64_t now_ns = clock_monotonic_ns();
    size_t needed = (size_t)answer->sent_tokens;

    if (!answer->keeps_moments)
        return now_ns;
    if (needed > answer->token_room) {
        answer->token_room = needed > 2 * answer->token_room ? needed : 2 * answer->token_room;
        answer->token_ns =
            memory_resize(answer->token_ns, answer->token_room, sizeof *answer->token_ns);
    }
    for (int64_t k = first; k < answer->sent_tokens; k++)
        answer->token_ns[k] = now_ns;
    return now_ns;
}

/* Notes how late the tokens from `first` on are, which go out at `sent_ns`. */
static void measure(const struct answer *answer, int64_t first, int64_t sent_ns,
                    struct lateness *lateness)
{
    if (!answer->question.stream || answer->struck)
        return;
    for (int64_t k = first, count; k < answer->sent_tokens; k += count) {
        int64_t late_ns = sent_ns - chunk_ready_ns(answer, k);

        count = compose_chunk_tokens(answer, k);
        for (int64_t i = 0; i < count; i++)
            lateness_add(lateness, late_ns);
    }
}

void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    const struct node_batch *batch = answer->request.batch;
    int64_t first = answer->sent_tokens;

    text_reset(&room->event);
    text_reset(&room->wire);
    if (batch && (first == 0 || answer_all_tokens_sent(answer)))
        answer->speech.started_s = wall_s(batch->started_ns, now_ns);
    add_what_is_due(answer, now_ns, room);
    if (answer->sent_tokens > first)
        measure(answer, first, answer_stamp(answer, first), &room->lateness);
    if (room->wire.length == 0)
        return;
    answer->sent_ns = now_ns;
    if (answer->ended)
        connection_send_last(answer->connection, &room->wire);
    else
        connection_send(answer->connection, &room->wire);
}
