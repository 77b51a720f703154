/* One model of an endpoint's list, whatever the server calls its members; inside this room. */
#ifndef WIRE_LISTED_H
#define WIRE_LISTED_H

#include <cjson/cJSON.h>

#include "wire/dialect.h"

/* Reads one; false, and `model` untouched, where it has no `id`. Its texts are the caller's to
 * free. */
bool listed_model_read(const cJSON *item, struct listed_model *model);

#endif
