/* What reports tell of a turn of sessions. */
#ifndef REPORT_TURN_WORDS_H
#define REPORT_TURN_WORDS_H

#include "record/turn.h"

/* Statistics of a metric of turn_metrics over the turn's completed requests; NAN where none had it.
 */
double turn_mean(const struct turn_figures *turn, enum metric metric);
double turn_p50(const struct turn_figures *turn, enum metric metric);
double turn_p95(const struct turn_figures *turn, enum metric metric);

#endif
