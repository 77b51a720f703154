/* Whether a row measured the endpoint or the client: each sign of a client that did not keep up,
 * against the effect that is measured. A noisy machine is not called invalid for noise that is
 * small beside the figures. */
#ifndef STATS_HEALTH_H
#define STATS_HEALTH_H

#include "record/step.h"

/* Sets verdict and reason in `step->health` from what the load engine saw and the step's metrics.
 *
 * - Schedule delay (intended → sent): in open loop its p99 beside the TTFT p50, since it is part of
 *   it; in closed loop the share of its time that a place stood empty, mean delay ÷ (mean delay +
 *   mean end-to-end), since so many fewer requests were in flight.
 * - Read lateness (kernel's arrival → read), p99: past its limit, chunks piled up before they were
 *   read. Where the kernel stamped them the moments are right all the same; where it did not, they
 *   are late by that much.
 * - Coalesced chunks: past the limit, inter-token times are not the server's rhythm. Held against
 *   the client only where its lateness is more than half a mean inter-token time; else it is the
 *   server's or the network's doing.
 * - Journal: time that sending stood still because its line was full, beside the row's time.
 * - Processor time of the busiest loop: near a whole core, nothing above is to be trusted.
 *
 * Where several ranks shared the step, each is judged likewise by what it saw itself; schedule
 * delay is the step's alone. The step's own health is that of the worst in each sign.
 *
 * A row with fewer than 20 completed requests is called degraded at most: there one hiccup of the
 * machine would decide. */
void health_judge(struct step *step, const struct health_limits *limits);

#endif
