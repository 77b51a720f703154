/* A row's probe: requests before its load, alike but for their text, that tell what the switch to
 * it cost. Those of the first burst are exposed to the switch; each burst begins when the one
 * before has ended. Open loop and concurrency 1: one request at a time, 1 exposed and `steady`
 * after it. Else a burst is as large as the row's concurrency, and as many follow the first as hold
 * `steady` requests, at least two, since one alone does not tell how much they vary. */
#ifndef PLAN_PROBE_H
#define PLAN_PROBE_H

#include <stdint.h>

#include "plan/settings.h"
#include "record/row.h"

/* Requests of a burst; bursts of the probe, 0 where none is asked for and before a warm-up. */
int64_t probe_burst(const struct row *row);
int64_t probe_bursts(const struct row *row, const struct settings *settings);

/* Requests of the whole probe. */
int64_t probe_requests(const struct row *row, const struct settings *settings);

/* What is sent as one load: a burst, or where it is of one request the whole probe, one after
 * another. The texts are the row's; do not clear it. */
struct row probe_row(const struct row *row, const struct settings *settings);

#endif
