/* Which requests of a visit belong to which of the ranks that run it together (cluster/).
 *
 * What is sent follows from seed, step and index, so ranks only part the indices among them:
 * request k belongs to rank k mod N of those that take part. Of a row of sessions k is the
 * session's number, and all its turns stay where it is; where places are common to the members of a
 * mix, k is the visit's. In closed loop no more ranks take part than there are places, with
 * `max_in_flight` no more than it lets leave; places, too, are parted by their number. */
#ifndef TRAFFIC_PORTION_H
#define TRAFFIC_PORTION_H

#include <stdbool.h>
#include <stddef.h>

#include "record/row.h"

/* Zeroed: all of it. */
struct portion {
    size_t rank;
    size_t ranks; /* that take part; a rank of as many or more has nothing of the row */
};

/* The rank's portion of the row among so many, from 1. */
struct portion portion_of_row(const struct row *row, size_t rank, size_t ranks);

/* Whether request `index` belongs to it. */
bool portion_has(const struct portion *portion, size_t index);

/* The first request from `index` on that belongs to it; SIZE_MAX: none does. */
size_t portion_next(const struct portion *portion, size_t index);

/* The `nth` of those that belong to it, from 0. */
size_t portion_index(const struct portion *portion, size_t nth);

/* How many of things 0 … `whole` − 1 belong to it. */
size_t portion_count(const struct portion *portion, size_t whole);

#endif
