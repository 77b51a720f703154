#include "sim/answer.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/dialect.h"
#include "sim/http.h"

static bool all_tokens_sent(const struct answer *answer)
{
    return answer->sent_tokens == answer->request.completion_tokens;
}

int64_t answer_due_ns(const struct answer *answer)
{
    const struct node_request *request = &answer->request;
    int64_t last = request->completion_tokens - 1;
    int64_t delay_ns = answer->delay_ns;

    if (all_tokens_sent(answer))
        return node_token_ns(request, last) + delay_ns + 1;
    return node_token_ns(request, answer->question.stream ? answer->sent_tokens : last) + delay_ns;
}

/* Moves the event into the wire as a chunk of its own. */
static void frame(struct answer_room *room)
{
    http_add_chunk(&room->wire, &room->event);
    text_reset(&room->event);
}

static void compose_tokens(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    if (answer->sent_tokens == 0)
        http_add_stream_head(&room->wire, dialect->stream_type,
                             connection_keeps_alive(answer->connection));
    while (!all_tokens_sent(answer) && answer_due_ns(answer) <= now_ns) {
        dialect->add_token(&room->event, &answer->speech, answer->sent_tokens++);
        frame(room);
    }
}

static void compose_end(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    answer->ended = true;
    for (int k = 0; dialect->add_end(&room->event, &answer->speech, k); k++)
        frame(room);
    frame(room); /* the empty chunk */
}

static void compose_whole(struct answer *answer, struct answer_room *room)
{
    answer->ended = true;
    answer->sent_tokens = answer->request.completion_tokens;
    answer->question.dialect->add_whole(&room->event, &answer->speech);
    http_add_answer(&room->wire, 200, connection_keeps_alive(answer->connection), &room->event);
}

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

void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    int64_t sent_before = answer->sent_tokens;

    text_reset(&room->event);
    text_reset(&room->wire);
    answer->speech.started_s = wall_s(answer->request.batch->started_ns, now_ns);
    if (!answer->question.stream)
        compose_whole(answer, room);
    else if (!all_tokens_sent(answer))
        compose_tokens(answer, now_ns, room);
    else
        compose_end(answer, room);
    if (answer->keeps_moments && answer->sent_tokens > sent_before)
        stamp(answer, sent_before);
    connection_send(answer->connection, &room->wire);
}

void answer_clear(struct answer *answer)
{
    question_clear(&answer->question);
    free(answer->token_ns);
}
