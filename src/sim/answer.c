#include "sim/answer.h"

#include "core/clock.h"
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

    if (all_tokens_sent(answer))
        return node_token_ns(request, last) + 1;
    return node_token_ns(request, answer->question.stream ? answer->sent_tokens : last);
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

static void stamp(struct answer *answer)
{
    answer->last_sent_ns = clock_monotonic_ns();
    if (answer->first_sent_ns == CLOCK_NEVER)
        answer->first_sent_ns = answer->last_sent_ns;
}

void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    bool brings_tokens = !all_tokens_sent(answer);

    text_reset(&room->event);
    text_reset(&room->wire);
    answer->speech.started_s = wall_s(answer->request.batch->started_ns, now_ns);
    if (!answer->question.stream)
        compose_whole(answer, room);
    else if (brings_tokens)
        compose_tokens(answer, now_ns, room);
    else
        compose_end(answer, room);
    if (brings_tokens)
        stamp(answer);
    connection_send(answer->connection, &room->wire);
}
