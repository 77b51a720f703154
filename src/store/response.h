/* One request as an object of `<name>_individual_responses.json` (formats.md, sections 5 and 10),
 * and of `<name>_response_texts.jsonl` (section 7). */
#ifndef STORE_RESPONSE_H
#define STORE_RESPONSE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "record/request.h"

/* Adds the request's object, keys in their documented order, without `switching_time`: that stands
 * in a row's first request alone, since the starter kit computes a column of the same name. */
void response_add_json(const struct request *request, const struct figures *figures,
                       struct text *json);

/* Whether the starter kit's own responses have that key, which is not `switching_time`: its newer
 * notebooks compute that. */
bool response_is_kit_key(const char *key);

/* Puts `switching_time` into such an object, before server_end_to_end_latency_s; NAN is null. For
 * the row's first request. False with a sentence where the object is none of these. */
bool response_set_switching_time(struct text *json, double time_s, struct error *error);

/* Puts the tokenizer's counts, as far as they are known, in the place of the nulls there. False
 * with a sentence where `json` is none of response_add_json. */
bool response_set_tokens(struct text *json, const struct figures *figures, struct error *error);
/* Adds to such an object, at its end, what it has in common with those of other members of a mix:
 * mix, arrival_index, configuration, previous_configuration, previous_sent_configuration; null
 * where there is none. */
bool response_set_mark(struct text *json, const struct request_mark *mark, struct error *error);

/* Adds the texts: {"prompt":{"name","template"},"completion","request_index"}. A byte of the
 * completion that is no UTF-8 becomes U+FFFD. */
void response_add_texts(const struct request *request, const struct request_texts *texts,
                        struct text *json);

#endif
