/* Where a request goes: to what gets a response at once, such as the list of models, or to the
 * dialect that is spoken at its path, behind one check of method and key. */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "core/text.h"
#include "sim/http.h"
#include "sim/node_file.h"
#include "sim/question.h"

enum { ROUTE_ASKS = 0, ROUTE_METRICS = 1 };

/* ROUTE_ASKS and a question, for the caller to clear, where the node is to respond; ROUTE_METRICS
 * where the server is to tell its metrics; else the HTTP status, and a response in JSON that was
 * added to `json`. */
int route_request(const struct node_file *file, const char *key, const struct http_request *request,
                  const char *body, struct question *question, struct text *json);

#endif
