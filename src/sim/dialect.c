#include "sim/dialect.h"

#include <stddef.h>

static const struct sim_dialect *const dialects[] = {
    &sim_openai, &sim_completions, &sim_responses,  &sim_anthropic,
    &sim_ollama, &sim_tgi,         &sim_generic_v2, &sim_generic_v1,
};

const struct sim_dialect *sim_dialect_find(const char *path, bool *stream)
{
    *stream = false;
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        if (dialects[i]->matches(path, stream))
            return dialects[i];
    }
    return NULL;
}
