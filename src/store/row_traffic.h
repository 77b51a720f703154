/* What a row says of its part in a mix and of the trace it comes from, in the manifest and in
 * summaries; for this room alone. */
#ifndef STORE_ROW_TRAFFIC_H
#define STORE_ROW_TRAFFIC_H

#include <cjson/cJSON.h>

#include "record/row.h"
#include "store/members.h"

/* Adds what the row has of share, mix_requests, trace, trace_speed, trace_from_s, trace_for_s. */
void row_traffic_add(cJSON *object, const struct row *row);

/* Adds what the row has of sessions, of the manifest alone. */
void row_sessions_add(cJSON *object, const struct row *row);

/* Reads what row_traffic_add wrote; what is not there is not set. */
void row_traffic_read(const struct members *object, struct row *row);

#endif
