#include "wire/known_server.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "wire/endpoint.h"

/* llama-server's router would load what /props?model=… names; without a name it speaks of itself.
 */
static const struct known_server known_servers[] = {
    {"llama.cpp", "llamacpp", "props", "/props"},
    {NULL, "vllm", "version", "/version"},
    {"ollama", "library", "version", "/api/version"},
};

static bool is_owned_by(const cJSON *models, const char *owner)
{
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(models, "data");

    for (const cJSON *item = data ? data->child : NULL; item; item = item->next) {
        const cJSON *by = cJSON_GetObjectItemCaseSensitive(item, "owned_by");

        if (cJSON_IsString(by) && strcmp(by->valuestring, owner) == 0)
            return true;
    }
    return false;
}

const struct known_server *known_server_find(const char *header, const char *models)
{
    cJSON *listed = cJSON_Parse(models ? models : "");
    const struct known_server *found = NULL;

    for (size_t i = 0; i < sizeof known_servers / sizeof *known_servers && !found; i++) {
        const struct known_server *one = &known_servers[i];

        if ((one->header && strncmp(header, one->header, strlen(one->header)) == 0) ||
            is_owned_by(listed, one->owned_by))
            found = one;
    }
    cJSON_Delete(listed);
    return found;
}

char *known_server_url(const struct known_server *known, const char *address)
{
    return endpoint_at_root(address, known->path);
}

char *known_server_json(const char *body, size_t length)
{
    cJSON *root = cJSON_ParseWithLength(body, length);
    char *printed = root ? cJSON_PrintUnformatted(root) : NULL;
    char *json = printed ? memory_text(printed) : NULL;

    cJSON_free(printed);
    cJSON_Delete(root);
    return json;
}
