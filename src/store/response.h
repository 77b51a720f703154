/* One request as an object of `<name>_individual_responses.json` (formats.md, sections 5 and 10),
 * and of `<name>_response_texts.jsonl` (section 7). */
#ifndef STORE_RESPONSE_H
#define STORE_RESPONSE_H

#include "core/error.h"
#include "core/text.h"
#include "record/request.h"

/* Adds the request's object, keys in their documented order, `switching_time` null. */
void response_add_json(const struct request *request, const struct figures *figures,
                       struct text *json);

/* The same object with a switching time in it; for the row's first request. */
bool response_set_switching_time(struct text *json, double time_s, struct error *error);

/* Adds what was said: {"prompt":{"name","template"},"completion","request_index"}. A byte of the
 * completion that is no UTF-8 becomes U+FFFD. */
void response_add_said(const struct request *request, const struct said *said, struct text *json);

#endif
