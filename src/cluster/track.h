/* A rank's clock beside rank 0's: what a ping-pong told of it now and then.
 *
 * A ping leaves at t1 and its answer comes back at t4, of the own clock; it came to rank 0 at t2
 * and left there at t3, of its clock. Whatever the way took in each direction, rank 0's clock is
 * ahead by
 * ((t2 − t1) + (t3 − t4)) / 2, within half of the round trip (t4 − t1) − (t3 − t2) (RFC 5905,
 * section 8) and what the clocks run apart meanwhile. Between two samples the offset is taken to
 * change evenly, since two clocks run apart evenly (drift); before the first and behind the last
 * likewise. The uncertainty is that of both samples, each by its weight, so that it grows away from
 * them. With one sample only, two clocks are taken to run apart by no more than TRACK_DRIFT_MOST.
 */
#ifndef CLUSTER_TRACK_H
#define CLUSTER_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In parts per million: each crystal is at most 100 off. */
enum { TRACK_DRIFT_MOST = 200 };

struct track_sample {
    int64_t at_ns;          /* of the own clock, in the middle of the round trip */
    int64_t offset_ns;      /* what has to be added to it to get rank 0's */
    int64_t uncertainty_ns; /* the offset is no further off than this */
};

/* Zeroed: the clock is rank 0's own. */
struct track {
    struct track_sample *sample; /* owned */
    size_t count;
    int64_t round_trip_most_ns; /* the longest that a message and its answer took */
};

/* The sample of one round trip. */
struct track_sample track_sample_of(int64_t t1_ns, int64_t t2_ns, int64_t t3_ns, int64_t t4_ns);

/* Adds a sample; samples come in the order of time. One that is not later than the last takes its
 * place where it is more certain. */
void track_add(struct track *track, struct track_sample sample);

/* Adds a sample that is later than all others where it is more certain than what these tell of its
 * moment. */
void track_improve(struct track *track, struct track_sample sample);

/* Rank 0's clock at a moment of the own. `*uncertainty_ns` (NULL: nobody asks): it is no further
 * off than this. */
int64_t track_root_ns(const struct track *track, int64_t own_ns, int64_t *uncertainty_ns);

/* The own clock at a moment of rank 0's, likewise. */
int64_t track_own_ns(const struct track *track, int64_t root_ns, int64_t *uncertainty_ns);

void track_clear(struct track *track);

#endif
