#include "core/api.h"

#include <stddef.h>
#include <string.h>

#define API(id, word, ...) [API_##id] = {.name = (word), __VA_ARGS__},
static const struct api apis[] = {
#include "core/api_table.h"
};
#undef API

#define API(id, word, ...) [API_##id] = (word),
const char *const api_names[API_COUNT + 1] = {
#include "core/api_table.h"
};
#undef API

#define API(id, word, ...) "|" word
const char api_joined[] =
#include "core/api_table.h"
    ;
#undef API

const struct api *api_at(enum llm_api api)
{
    return &apis[api];
}

const struct api *api_find(const char *name)
{
    for (size_t i = 0; i < API_COUNT; i++) {
        if (strcmp(apis[i].name, name) == 0)
            return &apis[i];
    }
    return NULL;
}
