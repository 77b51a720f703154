/* What servers told during a step, in its summary: `telemetry_polls`, `telemetry_failed_polls`, and
 * each figure that was told, under its key (record/telemetry.h); what is loaded (summary_state.h).
 * Without a source there are no keys. For this room alone. */
#ifndef STORE_SUMMARY_TELEMETRY_H
#define STORE_SUMMARY_TELEMETRY_H

#include <cjson/cJSON.h>

#include "record/step.h"
#include "store/members.h"

void summary_telemetry_add(cJSON *object, const struct step *step);

/* Reads them back; NAN where a figure has no key. */
void summary_telemetry_read(const struct members *object, struct step *step);

#endif
