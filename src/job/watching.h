/* What a run asks of servers besides its load: the sources of `telemetry:`, watched while its rows
 * run. */
#ifndef JOB_WATCHING_H
#define JOB_WATCHING_H

#include "job/prepare.h"
#include "report/terminal/progress.h"
#include "telemetry/watch.h"

/* Watches the sources that the settings name; `auto` is /metrics at the endpoint's own origin. What
 * is to be told is told by `progress`. NULL where none is named. The preparation and the progress
 * outlive it; free with watch_free. */
struct watch *watching_begin(const struct preparation *preparation, struct progress *progress);

#endif
