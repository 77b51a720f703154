/* One schedule out of several: the requests of a mix's members in the order of their moments.
 *
 * Members are independent streams; which comes next takes O(log members) steps (a binary heap of
 * the members' next moments). Nothing is made ahead but one moment a member. */
#ifndef TRAFFIC_SUPERPOSITION_H
#define TRAFFIC_SUPERPOSITION_H

#include <stdbool.h>
#include <stddef.h>

/* A member's moments, in seconds after the visit's start, never falling. False: it has no more. */
struct superposition_member {
    void *context; /* must outlive the superposition */
    bool (*next)(void *context, double *at_s);
};

struct superposed {
    double at_s;
    size_t member; /* its place in the list */
};

struct superposition {
    const struct superposition_member *member;
    struct superposed *heap; /* the next moment of each member that has one; owned */
    size_t count;
};

/* `member` must outlive it. */
void superposition_init(struct superposition *superposition,
                        const struct superposition_member *member, size_t members);

/* Writes the next `count` requests; fewer where all members have ended. Returns how many. Requests
 * of one moment come in the order of the members. */
size_t superposition_fill(struct superposition *superposition, struct superposed *to, size_t count);

void superposition_clear(struct superposition *superposition);

struct arrivals;

/* A member that is an endless open-loop row. `arrivals` must outlive it. */
struct superposition_member superposition_of(struct arrivals *arrivals);

#endif
