/* Where a request goes: to what gets a response at once, such as the list of models, or to the
 * dialect that is spoken at its path, behind one check of method and key. */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "core/text.h"
#include "sim/http.h"
#include "sim/models.h"
#include "sim/question.h"

enum { ROUTE_ASKS = 0, ROUTE_METRICS = 1, ROUTE_EVENTS = 2, ROUTE_SWAP_EVENTS = 3 };

/* ROUTE_ASKS and a question, for the caller to clear, where the node is to respond; ROUTE_METRICS
 * where the server is to tell its metrics, ROUTE_EVENTS or ROUTE_SWAP_EVENTS where it is to tell
 * from now on what is loaded (events.h); else the HTTP status, and a response in JSON that was
 * added to `json`. */
int route_request(const struct models_view *view, const char *key,
                  const struct http_request *request, const char *body, struct question *question,
                  struct text *json);

#endif
