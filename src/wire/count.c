#include "wire/count.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/endpoint.h"

const struct count_endpoint count_endpoints[] = {
    {"/messages/count_tokens", false, "/messages/count_tokens", "input_tokens", false},
    {"/tokenize", true, "/tokenize", "count", false},
    {"/extras/tokenize/count", true, "/extras/tokenize/count", "count", true},
    {0},
};

char *count_url(const struct count_endpoint *endpoint, const char *address)
{
    return endpoint->at_root ? endpoint_at_root(address, endpoint->path)
                             : endpoint_beside(address, endpoint->path);
}

void count_write_body(const struct count_endpoint *endpoint, const char *model, const char *prompt,
                      struct text *body)
{
    text_add_string(body, "{\"model\":");
    text_add_json(body, model);
    text_add_string(body, endpoint->bare ? ",\"input\":"
                                         : ",\"messages\":[{\"role\":\"user\",\"content\":");
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
