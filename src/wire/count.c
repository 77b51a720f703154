#include "wire/count.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "core/memory.h"

const struct count_endpoint count_endpoints[] = {
    {"/messages/count_tokens", false, "/messages/count_tokens", "input_tokens", false},
    {"/tokenize", true, "/tokenize", "count", false},
    {"/extras/tokenize/count", true, "/extras/tokenize/count", "count", true},
    {0},
};

/* The length of `address` without what it ends with. */
static size_t without(const char *address, size_t length, const char *end)
{
    size_t more = strlen(end);

    return length >= more && memcmp(address + length - more, end, more) == 0 ? length - more
                                                                             : length;
}

char *count_url(const struct count_endpoint *endpoint, const char *address)
{
    size_t length = without(address, strlen(address), "/");

    length = without(address, length, "/chat/completions");
    if (endpoint->at_root)
        length = without(address, length, "/v1");
    return memory_printf("%.*s%s", (int)length, address, endpoint->path);
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
