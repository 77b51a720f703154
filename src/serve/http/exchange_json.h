/* Replies of the JSON library's values. For this room alone: the library's types go no further. */
#ifndef SERVE_HTTP_EXCHANGE_JSON_H
#define SERVE_HTTP_EXCHANGE_JSON_H

#include <cjson/cJSON.h>

#include "serve/http/exchange.h"

/* Replies with the value, which stays the caller's. */
void exchange_reply_json(struct exchange *exchange, unsigned status, const cJSON *value);

#endif
