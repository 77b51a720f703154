/* Members of this room's JSON objects. For the room alone: cJSON goes no further. */
#ifndef STORE_JSON_H
#define STORE_JSON_H

#include <cjson/cJSON.h>

#include "record/row.h"

/* A number as text_add_number prints it, NAN as null: cJSON takes 15 digits for enough, which are
 * not always. */
void json_add_number(cJSON *object, const char *key, double value);

/* A text; NULL is null. */
void json_add_text(cJSON *object, const char *key, const char *text);

/* A row's load: num_concurrent_requests, or qps and qps_distribution. */
void json_add_load(cJSON *object, const struct row *row);

#endif
