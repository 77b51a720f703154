#include "wire/endpoint.h"

#include <string.h>

#include "core/memory.h"

size_t endpoint_base(const char *address)
{
    static const char *const paths[] = {"/completions", "/responses",       "/messages",
                                        "/api/chat",    "/generate_stream", "/generate"};
    const char *chat = strstr(address, "/chat/completions");
    size_t length = strcspn(address, "?");

    if (chat)
        return (size_t)(chat - address);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        size_t behind = strlen(paths[i]);

        if (length > behind && memcmp(address + length - behind, paths[i], behind) == 0)
            return length - behind;
    }
    for (length = strlen(address); length > 0 && address[length - 1] == '/';)
        length--;
    return length;
}

size_t endpoint_root(const char *address)
{
    static const char version[] = "/v1";
    size_t base = endpoint_base(address), behind = sizeof version - 1;

    return base >= behind && memcmp(address + base - behind, version, behind) == 0 ? base - behind
                                                                                   : base;
}

char *endpoint_url(const char *address, const char *path)
{
    size_t base = endpoint_base(address);

    if (strncmp(address + base, path, strlen(path)) == 0)
        return memory_text(address);
    return memory_printf("%.*s%s", (int)base, address, path);
}

char *endpoint_beside(const char *address, const char *path)
{
    return memory_printf("%.*s%s", (int)endpoint_base(address), address, path);
}

char *endpoint_at_root(const char *address, const char *path)
{
    return memory_printf("%.*s%s", (int)endpoint_root(address), address, path);
}

char *endpoint_models_url(const char *address)
{
    return endpoint_beside(address, "/models");
}

char *endpoint_health_url(const char *address)
{
    return endpoint_at_root(address, "/health");
}

char *endpoint_bearer(const char *key)
{
    return memory_printf("Authorization: Bearer %s", key);
}
