/* Switching time by the rules of the starter kit: the documented one (formats.md, section 9), and
 * the one that its later code follows. */
#ifndef STATS_SWITCHING_H
#define STATS_SWITCHING_H

#include "record/request.h"
#include "record/step.h"

/* `outcomes` are a row's requests in start order. A switch is found where the first TTFT lies more
 * than 3 sample standard deviations above the mean of the other completed requests'; its time is
 * first − mean. Server TTFT where every completed request has it, else client TTFT. Where the
 * others do not differ at all, an excess under 1 µs is none. */
struct switching switching_estimate(const struct outcome *outcomes, size_t count);

/* The later rule, in seconds: the range of server TTFT over the completed requests at the largest
 * batch size (batches.h). It always finds one: without a switch, the range of the noise; 0 of one
 * batch; NAN where no size with a server TTFT is known. */
double switching_by_largest_batch(const struct outcome *outcomes, size_t count);

#endif
