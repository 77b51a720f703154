#include "serve/http/exchange_json.h"

#include "core/text.h"

void exchange_reply_json(struct exchange *exchange, unsigned status, const cJSON *value)
{
    struct text text = {0};
    char *json = cJSON_PrintUnformatted(value);

    text_add_string(&text, json ? json : "null");
    text_add_char(&text, '\n');
    cJSON_free(json);
    exchange_reply(exchange, status, EXCHANGE_JSON, "application/json", &text);
}
