/* Switching time by the documented rule of the starter kit (formats.md, section 9). */
#ifndef STATS_SWITCHING_H
#define STATS_SWITCHING_H

#include "record/request.h"
#include "record/step.h"

/* `outcomes` are a row's requests in start order. A switch is found where the first TTFT lies more
 * than 3 sample standard deviations above the mean of the other completed requests'; its time is
 * first − mean. Server TTFT where every completed request has it, else client TTFT. Where the
 * others do not differ at all, an excess under 1 µs is none. */
struct switching switching_estimate(const struct outcome *outcomes, size_t count);

#endif
