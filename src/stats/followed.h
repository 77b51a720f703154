/* A memory that is followed: which of the units that were asked of it are there.
 *
 * It holds units until their weights would be more than its capacity; then the one leaves that was
 * used longest ago (LRU), or the one that was loaded longest ago (FIFO). A unit that weighs more
 * than the capacity never stays. Weights and capacity are in any one unit: pieces of weight 1, or
 * GB. */
#ifndef STATS_FOLLOWED_H
#define STATS_FOLLOWED_H

#include <stdbool.h>
#include <stddef.h>

struct followed {
    size_t *newer, *older; /* a ring by age through the unit number `units`; owned */
    double *weight;        /* of those that are there; 0: it is not; owned */
    size_t units;
    double capacity, filled;
    bool lru;
};

/* An empty memory for units 0 … units − 1. Clear it. */
struct followed followed_make(size_t units, double capacity, bool lru);

/* Asks for a unit of a weight > 0, and loads it where it is not there. Whether it had to. */
bool followed_visit(struct followed *followed, size_t unit, double weight);

/* A unit turned out to have been there since before anything else was asked for; nothing where it
 * does not fit. */
void followed_found(struct followed *followed, size_t unit, double weight);

void followed_empty(struct followed *followed);

void followed_clear(struct followed *followed);

#endif
