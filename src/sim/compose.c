#include "sim/compose.h"

#include "sim/behaviour.h"
#include "sim/dialect.h"
#include "sim/http.h"

const struct bundle_behaviour *compose_manner(const struct sim_response *response)
{
    return &response->token_text.file->behaviour;
}

int64_t compose_chunk_tokens(const struct sim_response *response, int64_t first)
{
    return behaviour_chunk_tokens(compose_manner(response), first,
                                  response->request.completion_tokens);
}

bool compose_opens_at_once(const struct sim_response *response)
{
    const struct bundle_behaviour *manner = compose_manner(response);

    return !response->opened && response->question.stream &&
           response->question.dialect->add_opening && (manner->role_chunk || manner->loading_text);
}

void compose_frame(struct sim_response *response, struct response_room *room)
{
    behaviour_add_event(compose_manner(response), &room->event, &room->wire);
    text_reset(&room->event);
}

void compose_open(struct sim_response *response, struct response_room *room)
{
    const struct sim_dialect *dialect = response->question.dialect;

    if (response->opened)
        return;
    http_add_stream_head(&room->wire, dialect->stream_type,
                         connection_keeps_alive(response->connection));
    if (compose_opens_at_once(response)) {
        dialect->add_opening(&room->event, &response->token_text);
        compose_frame(response, room);
    }
    response->opened = true;
}

void compose_tokens(struct sim_response *response, struct response_room *room)
{
    int64_t first = response->sent_tokens, count = compose_chunk_tokens(response, first);

    if (response->event_template.event.length > 0)
        event_template_add(&response->event_template, &room->event, &response->token_text, first);
    else
        response->question.dialect->add_tokens(&room->event, &response->token_text, first, count);
    response->sent_tokens += count;
    compose_frame(response, room);
}

void compose_comment(struct sim_response *response, struct response_room *room)
{
    const struct sim_dialect *dialect = response->question.dialect;

    if (compose_manner(response)->keep_alive_as_data)
        text_add_string(&room->event, dialect->event_start);
    text_add_string(&room->event, dialect->comment);
    compose_frame(response, room);
}

void compose_end(struct sim_response *response, struct response_room *room)
{
    const struct sim_dialect *dialect = response->question.dialect;

    for (int k = 0; dialect->add_end(&room->event, &response->token_text, k); k++)
        compose_frame(response, room);
    compose_close(response, room);
}

void compose_close(struct sim_response *response, struct response_room *room)
{
    const struct text nothing = {0};

    response->ended = true;
    http_add_chunk(&room->wire, &nothing);
}

void compose_whole(struct sim_response *response, struct response_room *room)
{
    response->ended = true;
    response->sent_tokens = response->request.completion_tokens;
    response->question.dialect->add_whole(&room->event, &response->token_text);
    http_add_response(&room->wire, 200, connection_keeps_alive(response->connection), &room->event);
    text_reset(&room->event);
}
