/* Answers as fast as their sockets take them, for trying how fast a client can read: many events go
 * out in one write, and what they say is composed once for an answer and then said over and over.
 * The node has no part in it: no answer waits, none is batched, and its times do not hold. What the
 * server's manner says of bytes holds, what it says of times does not; nothing goes wrong. */
#ifndef SIM_FLOOD_H
#define SIM_FLOOD_H

#include "sim/answer.h"

/* Submits an answer's request, the `number`th from 0, without the node. */
void flood_begin(struct answer *answer, int64_t number);

/* Sends some of the answer, or all that the socket takes. */
void flood_send(struct answer *answer, int64_t now_ns, struct answer_room *room);

#endif
