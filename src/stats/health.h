/* Whether a row measured the endpoint or the client: each sign of a client that did not keep up,
 * against the effect that is measured. A noisy machine is not called invalid for noise that is
 * small beside the figures. */
#ifndef STATS_HEALTH_H
#define STATS_HEALTH_H

#include "record/step.h"

/* Sets verdict and reason in `step->health` from what the load engine saw and the step's metrics.
 *
 * - Schedule delay (intended → sent), p99: past its limit, requests left late. In open loop that is
 *   part of the TTFT, in closed loop fewer were in flight than asked.
 * - Read lateness (kernel's arrival → read), p99: past its limit, chunks piled up before they were
 *   read. Where the kernel stamped them the moments are right all the same; where it did not, they
 *   are late by that much.
 * - Coalesced chunks: past the limit, inter-token times are not the server's rhythm. Held against
 *   the client only where its lateness is more than half a mean inter-token time; else it is the
 *   server's or the network's doing.
 * - Processor time of the busiest loop: near a whole core, nothing above is to be trusted. */
void health_judge(struct step *step, const struct health_limits *limits);

#endif
