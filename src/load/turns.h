/* What a worker does with sessions: keeps one whose turn has ended for the next; inside this room.
 */
#ifndef LOAD_TURNS_H
#define LOAD_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "load/worker.h"

/* Whether the session of a transfer whose request has ended has another turn that may be sent. */
bool turns_follow(struct worker *worker, const struct transfer *transfer);

/* Composes the next turn, which leaves when its pause is over. What came in response is still
 * there. */
void turns_wait(struct worker *worker, struct transfer *transfer);

/* When the next turn is due to leave; CLOCK_NEVER: none is, or max_in_flight holds it back, and who
 * gives a place back wakes the worker. */
int64_t turns_due_ns(const struct worker *worker);

/* The transfer of the next turn that is due now; NULL: none is. */
struct transfer *turns_take_due(struct worker *worker);

/* Ends the sessions that pause and whose phase sends nothing any more, since the row's time is up;
 * returns how many, each of which held a place in closed loop. Until then a session keeps its
 * place, though its pause be longer: else many would begin just before, and have one turn. */
size_t turns_end(struct worker *worker, int64_t now_ns);

/* The row ends: sessions that pause have no further turns. */
void turns_forget(struct worker *worker);

#endif
