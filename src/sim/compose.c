#include "sim/compose.h"

#include "sim/behaviour.h"
#include "sim/dialect.h"
#include "sim/http.h"

const struct bundle_behaviour *compose_manner(const struct answer *answer)
{
    return &answer->speech.bundle->behaviour;
}

int64_t compose_chunk_tokens(const struct answer *answer, int64_t first)
{
    return behaviour_chunk_tokens(compose_manner(answer), first, answer->request.completion_tokens);
}

bool compose_opens_at_once(const struct answer *answer)
{
    const struct bundle_behaviour *manner = compose_manner(answer);

    return !answer->opened && answer->question.stream && answer->question.dialect->add_opening &&
           (manner->role_chunk || manner->loading_text);
}

void compose_frame(struct answer *answer, struct answer_room *room)
{
    behaviour_add_event(compose_manner(answer), &room->event, &room->wire);
    text_reset(&room->event);
}

void compose_open(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    if (answer->opened)
        return;
    http_add_stream_head(&room->wire, dialect->stream_type,
                         connection_keeps_alive(answer->connection));
    if (compose_opens_at_once(answer)) {
        dialect->add_opening(&room->event, &answer->speech);
        compose_frame(answer, room);
    }
    answer->opened = true;
}

void compose_tokens(struct answer *answer, struct answer_room *room)
{
    int64_t first = answer->sent_tokens, count = compose_chunk_tokens(answer, first);

    if (answer->pattern.event.length > 0)
        pattern_add(&answer->pattern, &room->event, &answer->speech, first);
    else
        answer->question.dialect->add_tokens(&room->event, &answer->speech, first, count);
    answer->sent_tokens += count;
    compose_frame(answer, room);
}

void compose_comment(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    if (compose_manner(answer)->keep_alive_as_data)
        text_add_string(&room->event, dialect->event_start);
    text_add_string(&room->event, dialect->comment);
    compose_frame(answer, room);
}

void compose_end(struct answer *answer, struct answer_room *room)
{
    const struct sim_dialect *dialect = answer->question.dialect;

    for (int k = 0; dialect->add_end(&room->event, &answer->speech, k); k++)
        compose_frame(answer, room);
    compose_close(answer, room);
}

void compose_close(struct answer *answer, struct answer_room *room)
{
    const struct text nothing = {0};

    answer->ended = true;
    http_add_chunk(&room->wire, &nothing);
}

void compose_whole(struct answer *answer, struct answer_room *room)
{
    answer->ended = true;
    answer->sent_tokens = answer->request.completion_tokens;
    answer->question.dialect->add_whole(&room->event, &answer->speech);
    http_add_answer(&room->wire, 200, connection_keeps_alive(answer->connection), &room->event);
    text_reset(&room->event);
}
