#include "cluster/track.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

/* Halves are rounded down, which a nanosecond covers; the clocks run apart on the way, too. */
struct track_sample track_sample_of(int64_t t1_ns, int64_t t2_ns, int64_t t3_ns, int64_t t4_ns)
{
    int64_t round_trip_ns = (t4_ns - t1_ns) - (t3_ns - t2_ns);

    return (struct track_sample){.at_ns = t1_ns + (t4_ns - t1_ns) / 2,
                                 .offset_ns = ((t2_ns - t1_ns) + (t3_ns - t4_ns)) / 2,
                                 .uncertainty_ns = round_trip_ns / 2 +
                                                   round_trip_ns * TRACK_DRIFT_MOST / 1000000 + 1};
}

void track_add(struct track *track, struct track_sample sample)
{
    struct track_sample *last = track->count > 0 ? &track->sample[track->count - 1] : NULL;

    if (!last || sample.at_ns > last->at_ns) {
        track->sample = memory_grow(track->sample, track->count, sizeof *track->sample);
        track->sample[track->count++] = sample;
    } else if (sample.uncertainty_ns < last->uncertainty_ns) {
        *last = sample;
    }
}

/* What `own_ns` stands nearest to: the two samples around it, or where it stands before or behind
 * all of them, the first and the last. */
static void find_pair(const struct track *track, int64_t own_ns, const struct track_sample **before,
                      const struct track_sample **after)
{
    size_t low = 0, high = track->count - 1;

    *before = &track->sample[low];
    *after = &track->sample[high];
    if (own_ns < (*before)->at_ns || own_ns > (*after)->at_ns)
        return;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        *(track->sample[middle].at_ns <= own_ns ? &low : &high) = middle;
    }
    *before = &track->sample[low];
    *after = &track->sample[high];
}

static int64_t offset_by_one(const struct track_sample *sample, int64_t own_ns,
                             int64_t *uncertainty_ns)
{
    double apart_ns = fabs((double)(own_ns - sample->at_ns)) * TRACK_DRIFT_MOST / 1e6;

    *uncertainty_ns = sample->uncertainty_ns + (int64_t)ceil(apart_ns);
    return sample->offset_ns;
}

static int64_t offset_by_two(const struct track_sample *a, const struct track_sample *b,
                             int64_t own_ns, int64_t *uncertainty_ns)
{
    double weight = (double)(own_ns - a->at_ns) / (double)(b->at_ns - a->at_ns);
    double uncertain_ns =
        fabs(1 - weight) * (double)a->uncertainty_ns + fabs(weight) * (double)b->uncertainty_ns;

    *uncertainty_ns = (int64_t)ceil(uncertain_ns);
    return a->offset_ns + (int64_t)llround(weight * (double)(b->offset_ns - a->offset_ns));
}

static int64_t offset_at(const struct track *track, int64_t own_ns, int64_t *uncertainty_ns)
{
    const struct track_sample *before, *after;

    *uncertainty_ns = 0;
    if (track->count == 0)
        return 0;
    if (track->count == 1)
        return offset_by_one(track->sample, own_ns, uncertainty_ns);
    find_pair(track, own_ns, &before, &after);
    return offset_by_two(before, after, own_ns, uncertainty_ns);
}

void track_improve(struct track *track, struct track_sample sample)
{
    int64_t known_ns;

    offset_at(track, sample.at_ns, &known_ns);
    if (track->count == 0 || sample.uncertainty_ns < known_ns)
        track_add(track, sample);
}

int64_t track_root_ns(const struct track *track, int64_t own_ns, int64_t *uncertainty_ns)
{
    int64_t uncertain_ns, offset_ns = offset_at(track, own_ns, &uncertain_ns);

    if (uncertainty_ns)
        *uncertainty_ns = uncertain_ns;
    return own_ns + offset_ns;
}

/* The offset is one at a moment of the own clock, which is what is looked for: each round comes
 * nearer by the drift, some thousandfold. */
int64_t track_own_ns(const struct track *track, int64_t root_ns, int64_t *uncertainty_ns)
{
    int64_t own_ns, uncertain_ns = 0;

    own_ns = track->count > 0 ? root_ns - track->sample[track->count - 1].offset_ns : root_ns;
    for (int round = 0; round < 4; round++)
        own_ns = root_ns - offset_at(track, own_ns, &uncertain_ns);
    if (uncertainty_ns)
        *uncertainty_ns = uncertain_ns;
    return own_ns;
}

void track_clear(struct track *track)
{
    free(track->sample);
    *track = (struct track){0};
}
