/* What an answer says, put into bytes piece by piece, in the manner of the server; when, is for
 * others to know (answer.h, flood.h, fault.h). All but compose_frame begin with an empty
 * room->event and leave it so; what they add goes to room->wire. */
#ifndef SIM_COMPOSE_H
#define SIM_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/answer.h"

/* How the server of an answer talks. */
const struct bundle_behaviour *compose_manner(const struct answer *answer);

/* How many tokens go out in the chunk that begins with token `first`. */
int64_t compose_chunk_tokens(const struct answer *answer, int64_t first);

/* Whether something is said before the node has worked, and is not out yet. */
bool compose_opens_at_once(const struct answer *answer);

/* Adds the stream's head, if it is not out, and what is said at once. */
void compose_open(struct answer *answer, struct answer_room *room);

/* Moves the event into the wire, as the server writes it. */
void compose_frame(struct answer *answer, struct answer_room *room);

/* Adds the next chunk of tokens. */
void compose_tokens(struct answer *answer, struct answer_room *room);

/* Adds a sign of life. */
void compose_comment(struct answer *answer, struct answer_room *room);

/* Adds the events that end a stream, and ends its body. */
void compose_end(struct answer *answer, struct answer_room *room);

/* Ends the stream's body, whatever was said in it. */
void compose_close(struct answer *answer, struct answer_room *room);

/* Adds the whole answer that is no stream. */
void compose_whole(struct answer *answer, struct answer_room *room);

#endif
