/* What a response says, put into bytes piece by piece, in the manner of the server; when, is for
 * others to know (response.h, flood.h, fault.h). All but compose_frame begin with an empty
 * room->event and leave it so; what they add goes to room->wire. */
#ifndef SIM_COMPOSE_H
#define SIM_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/response.h"

/* How the server of a response talks. */
const struct bundle_behaviour *compose_manner(const struct sim_response *response);

/* How many tokens go out in the chunk that begins with token `first`. */
int64_t compose_chunk_tokens(const struct sim_response *response, int64_t first);

/* Whether something is sent before the node has worked, and is not out yet. */
bool compose_opens_at_once(const struct sim_response *response);

/* Adds the stream's head, if it is not out, and what is sent at once. */
void compose_open(struct sim_response *response, struct response_room *room);

/* Moves the event into the wire, as the server writes it. */
void compose_frame(struct sim_response *response, struct response_room *room);

/* Adds the next chunk of tokens. */
void compose_tokens(struct sim_response *response, struct response_room *room);

/* Adds a sign of life. */
void compose_comment(struct sim_response *response, struct response_room *room);

/* Adds the events that end a stream, and ends its body. */
void compose_end(struct sim_response *response, struct response_room *room);

/* Ends the stream's body, whatever was sent in it. */
void compose_close(struct sim_response *response, struct response_room *room);

/* Adds the whole response that is no stream. */
void compose_whole(struct sim_response *response, struct response_room *room);

#endif
