/* A part of a step by its waves: what was sent before a response to the wave was complete. The
 * first holds the exposed requests; at concurrency 1 each request is a wave of its own. In a probe,
 * its bursts are the waves. */
#ifndef STATS_WAVES_H
#define STATS_WAVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/request.h"
#include "record/switch.h"

/* A completed request. */
struct wave_sample {
    const struct outcome *outcome; /* not owned */
    size_t wave;                   /* 0: exposed */
    double content_s;              /* the client's to the first content */
    double server_s, client_s; /* TTFTs; the client's from the send, so that connecting is apart */
};

struct waves {
    struct wave_sample *sample; /* in start order; owned */
    size_t count;
    size_t waves;
    bool bursts; /* of a probe */
};

/* When it left: on its open connection, where it came so far. */
int64_t waves_sent_ns(const struct outcome *outcome);

/* Puts outcomes into start order. */
void waves_sort(struct outcome *outcomes, size_t count);

/* Copies them to `to`, which has room for as many, in start order. */
void waves_copy_sorted(const struct outcome *from, size_t count, struct outcome *to);

/* Merges two lists, each in start order, into `to`. */
void waves_merge(const struct outcome *a, size_t a_count, const struct outcome *b, size_t b_count,
                 struct outcome *to);

/* Of `count` outcomes in start order those that completed. Clear `waves`. */
void waves_make(const struct outcome *outcomes, size_t count, struct waves *waves);

/* One exposed observation against `count` steady ones in the order they were sent, of which the
 * side keeps a copy of its own. */
struct switch_side waves_compare(const struct switch_sample *exposed,
                                 const struct switch_sample *steady, size_t count);

/* Fills the steady figures of a side, and its ratio to them, by `count` ≥ 1 TTFTs. `exposed_s` must
 * be there. */
void waves_sum_up(const double *steady, size_t count, struct switch_side *side);

/* The client's clock: a wave's median is one observation. */
struct switch_side waves_by_client(const struct waves *waves);

/* The same by TTFTs of content, reasoning not counted; nothing where all requests began with it. */
struct switch_side waves_by_content(const struct waves *waves);

/* With what responses begin. Of one kind are most exposed ones, and unlike them most steady ones:
 * at least three of four. */
enum switch_opening waves_opening(const struct waves *waves);

void waves_clear(struct waves *waves);

#endif
