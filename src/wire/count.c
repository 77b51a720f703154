#include "wire/count.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/endpoint.h"
#include "wire/messages.h"

const struct count_endpoint count_endpoints[] = {
    {"/messages/count_tokens", false, "/messages/count_tokens", "input_tokens", true, false},
    {"/tokenize", true, "/tokenize", "count", false, false},
    {"/extras/tokenize/count", true, "/extras/tokenize/count", "count", false, true},
    {0},
};

char *count_url(const struct count_endpoint *endpoint, const char *address)
{
    return endpoint->at_root ? endpoint_at_root(address, endpoint->path)
                             : endpoint_beside(address, endpoint->path);
}

void count_write_body(const struct count_endpoint *endpoint, const char *model, const char *system,
                      const char *prompt, struct text *body)
{
    text_add_string(body, "{\"model\":");
    text_add_json(body, model);
    if (system && endpoint->apart) {
        text_add_string(body, ",\"system\":");
        text_add_json(body, system);
    }
    text_add_string(body, endpoint->bare ? ",\"input\":" : ",\"messages\":");
    if (!endpoint->bare)
        messages_begin(endpoint->apart ? NULL : system, NULL, body);
    text_add_json(body, prompt);
    text_add_string(body, endpoint->bare ? "}" : "}]}");
}

bool count_read(const struct count_endpoint *endpoint, const char *body, size_t length,
                int64_t *tokens)
{
    cJSON *response = cJSON_ParseWithLength(body, length);
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(response, endpoint->member);
    bool found = cJSON_IsNumber(count) && count->valuedouble > 0 && count->valuedouble < 1e12;

    if (found)
        *tokens = (int64_t)count->valuedouble;
    cJSON_Delete(response);
    return found;
}
