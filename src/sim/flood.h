/* Responses as fast as their sockets take them, for trying how fast a client can read: many events
 * go out in one write, and their text is composed once for a response and then sent over and over.
 * The node has no part in it: no response waits, none is batched, and its times do not hold. What
 * the server's manner says of bytes holds, what it says of times does not; nothing goes wrong. */
#ifndef SIM_FLOOD_H
#define SIM_FLOOD_H

#include "sim/response.h"

/* Submits a response's request, the `number`th from 0, without the node. */
void flood_begin(struct sim_response *response, int64_t number);

/* Sends some of the response, or all that the socket takes. */
void flood_send(struct sim_response *response, int64_t now_ns, struct response_room *room);

#endif
