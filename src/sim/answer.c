#include "sim/answer.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/behaviour.h"
#include "sim/dialect.h"
#include "sim/fault.h"
#include "sim/http.h"

/* While this much waits for the socket, what is held back is held on. */
enum { UNSENT_MOST = 1 << 20 };

static const struct bundle_behaviour *manner(const struct answer *answer)
{
    return &answer->speech.bundle->behaviour;
}

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
    free(answer->token_ns);
    free(answer);
}

void answer_begin(struct answer *answer, const struct bundle *bundle, uint64_t seed)
{
    answer->sent_ns = answer->request.arrived_ns;
    speech_init(&answer->speech, bundle, &answer->request, &answer->question, seed,
                clock_wall_ns());
    answer->fault = fault_draw(bundle, &answer->request, seed);
}

/* --- When ----------------------------------------------------------------------------------- */

static bool all_tokens_sent(const struct answer *answer)
{
    return answer->sent_tokens == answer->request.completion_tokens;
}

static int64_t next_chunk_tokens(const struct answer *answer)
{
    return behaviour_chunk_tokens(manner(answer), answer->sent_tokens,
                                  answer->request.completion_tokens);
}

/* When the node has what goes out next. */
static int64_t ready_ns(const struct answer *answer)
{
    const struct node_request *request = &answer->request;
    int64_t last = request->completion_tokens - 1;

    if (!request->batch)
        return NODE_IDLE;
    if (all_tokens_sent(answer))
        return node_token_ns(request, last) + answer->delay_ns + 1;
    if (answer->question.stream && !manner(answer)->buffered)
        last = answer->sent_tokens + next_chunk_tokens(answer) - 1;
    return node_token_ns(request, last) + answer->delay_ns;
}

/* Whether something goes out before the node has worked. */
static bool opens_at_once(const struct answer *answer)
{
    return !answer->opened && answer->question.stream && answer->question.dialect->add_opening &&
           (manner(answer)->role_chunk || manner(answer)->loading_text);
}

static int64_t comment_due_ns(const struct answer *answer)
{
    if (manner(answer)->keep_alive_s == 0 || !answer->question.stream ||
        !answer->question.dialect->comment)
        return NODE_IDLE;
    return answer->sent_ns + clock_from_seconds(manner(answer)->keep_alive_s);
}

int64_t answer_due_ns(const struct answer *answer)
{
    int64_t ready = ready_ns(answer), comment = comment_due_ns(answer);

    if (answer->held.holds)
        return answer->held.next_ns;
    if (fault_is_on_arrival(answer))
        return answer->arrived_ns;
    if (opens_at_once(answer))
        return answer->request.arrived_ns + answer->delay_ns;
    return ready < comment ? ready : comment;
}

/* --- What ----------------------------------------------------------------------------------- */

void answer_frame(struct answer *answer, struct answer_room *room)
{
    behaviour_add_event(manner(answer), &room->event, &room->wire);
    text_reset(&room->event);
}

void answer_open(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    if (answer->opened)
        return;
    http_add_stream_head(&room->wire, dialect->stream_type,
                         connection_keeps_alive(answer->connection));
    if (opens_at_once(answer)) {
        dialect->add_opening(&room->event, &answer->speech);
        answer_frame(answer, room);
    }
    answer->opened = true;
}

void answer_close(struct answer *answer, struct answer_room *room)
{
    const struct text nothing = {0};

    answer->ended = true;
    http_add_chunk(&room->wire, &nothing);
}

static void compose_tokens(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    while (!all_tokens_sent(answer) && ready_ns(answer) <= now_ns && !fault_is_next(answer)) {
        int64_t count = next_chunk_tokens(answer);

        dialect->add_tokens(&room->event, &answer->speech, answer->sent_tokens, count);
        answer->sent_tokens += count;
        answer_frame(answer, room);
    }
}

static void compose_end(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    for (int k = 0; dialect->add_end(&room->event, &answer->speech, k); k++)
        answer_frame(answer, room);
    answer_close(answer, room);
}

static void compose_comment(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    if (manner(answer)->keep_alive_as_data)
        text_add_string(&room->event, dialect->event_start);
    text_add_string(&room->event, dialect->comment);
    answer_frame(answer, room);
}

static void compose_stream(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    answer_open(answer, room);
    if (ready_ns(answer) > now_ns && comment_due_ns(answer) <= now_ns)
        compose_comment(answer, room);
    else if (!all_tokens_sent(answer))
        compose_tokens(answer, now_ns, room);
    else if (ready_ns(answer) <= now_ns)
        compose_end(answer, room);
}

static void compose_whole(struct answer *answer, struct answer_room *room)
{
    answer->ended = true;
    answer->sent_tokens = answer->request.completion_tokens;
    answer->question.dialect->add_whole(&room->event, &answer->speech);
    http_add_answer(&room->wire, 200, connection_keeps_alive(answer->connection), &room->event);
}

static void compose(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    if (fault_is_on_arrival(answer) || (fault_is_next(answer) && ready_ns(answer) <= now_ns))
        fault_strike(answer, now_ns, room);
    else if (answer->question.stream)
        compose_stream(answer, now_ns, room);
    else
        compose_whole(answer, room);
}

/* --- Out ------------------------------------------------------------------------------------ */

/* A moment of the node as people's time. */
static double wall_s(int64_t moment_ns, int64_t now_ns)
{
    return (double)(clock_wall_ns() - (now_ns - moment_ns)) / (double)CLOCK_NS_PER_S;
}

/* Notes that the tokens from `first` to the last sent go now. */
static void stamp(struct answer *answer, int64_t first)
{
    int64_t now_ns = clock_monotonic_ns();
    size_t needed = (size_t)answer->sent_tokens;

    if (needed > answer->token_room) {
        answer->token_room = needed > 2 * answer->token_room ? needed : 2 * answer->token_room;
        answer->token_ns =
            memory_resize(answer->token_ns, answer->token_room, sizeof *answer->token_ns);
    }
    for (int64_t k = first; k < answer->sent_tokens; k++)
        answer->token_ns[k] = now_ns;
}

/* The next piece of what is held back, unless the reader has enough before it. */
static void compose_held(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    if (connection_unsent(answer->connection) > UNSENT_MOST)
        answer->held.next_ns = now_ns + answer->held.every_ns;
    else
        held_send(&answer->held, &room->wire);
}

void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    int64_t tokens = answer->sent_tokens;

    text_reset(&room->event);
    text_reset(&room->wire);
    if (answer->request.batch)
        answer->speech.started_s = wall_s(answer->request.batch->started_ns, now_ns);
    if (answer->held.holds)
        compose_held(answer, now_ns, room);
    else
        compose(answer, now_ns, room);
    if (answer->keeps_moments && answer->sent_tokens > tokens)
        stamp(answer, tokens);
    if (room->wire.length == 0)
        return;
    answer->sent_ns = now_ns;
    connection_send(answer->connection, &room->wire);
}
