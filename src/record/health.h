/* How well the client itself kept up during a step: what tells whether its figures are the
 * endpoint's or its own. Plain data, no logic. */
#ifndef RECORD_HEALTH_H
#define RECORD_HEALTH_H

#include <stddef.h>

/* What a row's figures are worth. */
enum measurement_verdict {
    MEASUREMENT_VALID,
    MEASUREMENT_DEGRADED, /* some figures suffer */
    MEASUREMENT_INVALID,  /* the client was the limit */
};
extern const char *const measurement_verdict_words[];

/* Up to which a measurement is valid; past four times that it is invalid. Shares, from 0 up. */
struct health_limits {
    double read_lateness;  /* p99, of the row's TTFT p50 */
    double schedule_delay; /* open loop: p99, of the TTFT p50; closed loop: of the places' time */
    double coalesced;      /* of the chunks, where the client may be why */
    double journal_wait;   /* time that sending waited for the journal, of the row's */
    double loop_cpu;       /* of one core; invalid past three quarters of the way from it to 1 */
};

struct health {
    enum measurement_verdict verdict;
    char reason[720]; /* what passes its limit, and which figures suffer; "" where valid */
    /* From the kernel's arrival to our reading; NAN where the kernel gave no stamps. */
    double read_lateness_p50_s, read_lateness_p99_s, read_lateness_max_s;
    double kernel_stamped_share;          /* of the chunks */
    double coalesced_share;               /* of the chunks: came in one read with the one before */
    double loop_stall_max_s;              /* the longest that a loop looked at no socket */
    double loop_cpu_share_max;            /* of one core, of the busiest loop's thread */
    size_t connections_opened;            /* by requests during the row, not ahead of it */
    size_t connections_reopened;          /* during the row, outside the requests' clocks */
    size_t open_files_limit, local_ports; /* what connections this machine has room for */
    double resident_mb;                   /* at the row's end */
    double clock_uncertainty_s; /* of a run of several ranks: how far a rank's moments may be off
                                 * the others'; NAN: there is one process */
};

/* Nothing is known yet. */
extern const struct health health_unknown;

#endif
