/* Sessions: turns that follow each other, with pauses between a response's end and the next turn.
 */
#ifndef TRAFFIC_SESSIONS_H
#define TRAFFIC_SESSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "record/row.h"

/* The pause before a turn of a session, in seconds: exponential with the row's mean think_time_s, 0
 * where that is 0. It follows from these alone. */
double sessions_pause_s(const struct row *row, uint64_t seed, uint64_t step, size_t session,
                        int64_t turn);

#endif
