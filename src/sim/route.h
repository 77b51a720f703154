/* Where a request goes: a table of methods and paths, behind one check of the key. */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "core/bundle.h"
#include "core/text.h"
#include "sim/http.h"
#include "sim/question.h"

enum { ROUTE_ASKS = 0 };

/* ROUTE_ASKS and a question where the node is to answer; else the HTTP status, and an answer in
 * JSON that was added to `json`. */
int route_request(const struct bundle *bundle, const char *key, const struct http_request *request,
                  const char *body, struct question *question, struct text *json);

#endif
