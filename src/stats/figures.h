/* One request's metrics from what was seen of it. Definitions: formats.md, sections 5 and 10. */
#ifndef STATS_FIGURES_H
#define STATS_FIGURES_H

#include "record/request.h"

/* Where the latency clock starts: closed loop at the send, open loop at the intended send. */
enum latency_start { LATENCY_FROM_SENT, LATENCY_FROM_INTENDED };

/* Every metric of the request, a failed one's too, as far as it was measured; NAN for the rest. */
struct figures figures_of(const struct request *request, enum latency_start start);

/* Whether the server counted reasoning tokens apart from output tokens: the total is prompt, output
 * and reasoning tokens exactly. Then number_output_tokens is the sum of both. */
bool figures_reasoning_apart(const struct usage *usage);

/* When the first non-empty content or reasoning arrived, or CLOCK_NEVER. */
int64_t figures_first_token_ns(const struct request *request);

/* Whether a response of at least FIGURES_AT_ONCE_TOKENS tokens came in one read, whose bytes
 * arrived within a millisecond: nobody saw its tokens come one by one. */
enum { FIGURES_AT_ONCE_TOKENS = 16 };
bool figures_came_in_one_read(const struct request *request, const struct figures *figures);

#endif
