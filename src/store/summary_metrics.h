/* A step's metrics in its summary, each with its statistics: those of all its requests as the kit
 * has them (`results_<metric>_quantiles_p50`, `results_<metric>_mean`, formats.md, section 6), and
 * those of the window (`window_<metric>_p50`, section 11). For this room alone. */
#ifndef STORE_SUMMARY_METRICS_H
#define STORE_SUMMARY_METRICS_H

#include <cjson/cJSON.h>

#include "record/step.h"
#include "store/members.h"

/* Adds the keys of each metric that any request had; a metric that none had has no keys. */
void summary_metrics_add(cJSON *object, const struct step *step);

/* The same of the window's. */
void summary_metrics_add_window(cJSON *object, const struct step *step);

/* The same of the time per token of each gap between chunks, over all of the row's
 * (`results_client_gap_per_token_s_…`). */
void summary_metrics_add_gaps(cJSON *object, const struct step *step);

/* Reads them all back; a metric without keys has a count of 0. */
void summary_metrics_read(const struct members *object, struct step *step);

#endif
