/* One model of an endpoint's list, whatever the server calls its members; inside this room. */
#ifndef WIRE_LISTED_H
#define WIRE_LISTED_H

#include <cjson/cJSON.h>

#include "wire/dialect.h"

/* The list in a response: its `data`, or Ollama's `models`; NULL: it has none. */
const cJSON *listed_models_of(const cJSON *response);

/* Reads one by its `id`, Ollama's `model`, or TGI's `model_id`; false, and `model`
 * untouched, where it has none. Its texts are the caller's to free. */
bool listed_model_read(const cJSON *item, struct listed_model *model);

#endif
