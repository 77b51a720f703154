/* What goes wrong with a response, on demand: the faults of a bundle file (sim/bundle_behaviour.h).
 *
 * Which requests are struck follows from the seed and the request's number, so the same seed
 * strikes the same ones. Some faults strike on arrival, and the node never works for such a
 * request; the rest strike a stream when its next chunk is due and `after_tokens` tokens are out,
 * and leave a response alone that is no stream or too short. A kind is added by its name in
 * bundle_fault_names and its line in the table of fault.c. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/node_file.h"
#include "sim/response.h"

/* The first fault of the list that is to strike the request, a submitted one; NULL for none. */
const struct bundle_fault *fault_draw(const struct node_file *file,
                                      const struct node_request *request, uint64_t seed);

/* Whether the response's fault strikes as the request comes. */
bool fault_is_on_arrival(const struct sim_response *response);

/* Whether it strikes in place of the next chunk of a stream. */
bool fault_is_next(const struct sim_response *response);

/* Carries it out: adds to room->wire what goes out, breaks the connection, holds back the rest. */
void fault_strike(struct sim_response *response, int64_t now_ns, struct response_room *room);

#endif
