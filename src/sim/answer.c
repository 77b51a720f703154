#include "sim/answer.h"

#include "core/clock.h"
#include "sim/dialect.h"
#include "sim/http.h"

void answer_prepare(struct answer *answer)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    if (answer->question.stream && dialect->tokens_alike)
        pattern_make(&answer->pattern, dialect, &answer->speech);
}

bool answer_all_tokens_sent(const struct answer *answer)
{
    return answer->sent_tokens == answer->request.completion_tokens;
}

int64_t answer_due_ns(const struct answer *answer)
{
    const struct node_request *request = &answer->request;
    int64_t last = request->completion_tokens - 1;

    if (answer_all_tokens_sent(answer))
        return node_token_ns(request, last) + 1;
    return node_token_ns(request, answer->question.stream ? answer->sent_tokens : last);
}

/* Moves the event into the wire as a chunk of its own. */
static void frame(struct answer_room *room)
{
    http_add_chunk(&room->wire, &room->event);
    text_reset(&room->event);
}

void answer_add_head(const struct answer *answer, struct text *wire)
{
    http_add_stream_head(wire, answer->question.dialect->stream_type,
                         connection_keeps_alive(answer->connection));
}

void answer_add_token(struct answer *answer, struct answer_room *room)
{
    int64_t k = answer->sent_tokens++;

    if (answer->pattern.event.length > 0)
        pattern_add(&answer->pattern, &room->event, &answer->speech, k);
    else
        answer->question.dialect->add_token(&room->event, &answer->speech, k);
    frame(room);
}

static void add_tokens(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    if (answer->sent_tokens == 0)
        answer_add_head(answer, &room->wire);
    while (!answer_all_tokens_sent(answer) && answer_due_ns(answer) <= now_ns)
        answer_add_token(answer, room);
}

void answer_add_end(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    answer->ended = true;
    for (int k = 0; dialect->add_end(&room->event, &answer->speech, k); k++)
        frame(room);
    frame(room); /* the empty chunk */
}

void answer_add_whole(struct answer *answer, struct answer_room *room)
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

void answer_stamp(struct answer *answer)
{
    answer->last_sent_ns = clock_monotonic_ns();
    if (answer->first_sent_ns == CLOCK_NEVER)
        answer->first_sent_ns = answer->last_sent_ns;
}

/* Notes how late the tokens from `first` on are, which go out now. */
static void measure(const struct answer *answer, int64_t first, struct lateness *lateness)
{
    for (int64_t k = first; k < answer->sent_tokens; k++)
        lateness_add(lateness, answer->last_sent_ns - node_token_ns(&answer->request, k));
}

void answer_send(struct answer *answer, int64_t now_ns, struct answer_room *room)
{
    int64_t first = answer->sent_tokens;

    text_reset(&room->event);
    text_reset(&room->wire);
    if (first == 0 || answer_all_tokens_sent(answer))
        answer->speech.started_s = wall_s(answer->request.batch->started_ns, now_ns);
    if (!answer->question.stream)
        answer_add_whole(answer, room);
    else if (!answer_all_tokens_sent(answer))
        add_tokens(answer, now_ns, room);
    else
        answer_add_end(answer, room);
    if (answer->sent_tokens > first)
        answer_stamp(answer);
    if (answer->question.stream)
        measure(answer, first, &room->lateness);
    connection_send(answer->connection, &room->wire);
}

void answer_clear(struct answer *answer)
{
    pattern_clear(&answer->pattern);
    text_clear(&answer->block);
}
