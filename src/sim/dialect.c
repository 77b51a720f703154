#include "sim/dialect.h"

#include <string.h>

static const struct sim_dialect *const dialects[] = {
    &sim_openai, &sim_completions, &sim_responses,  &sim_anthropic,
    &sim_ollama, &sim_tgi,         &sim_generic_v2, &sim_generic_v1,
};

static bool matches(const struct sim_dialect *dialect, const char *path, bool *stream)
{
    return dialect->matches ? dialect->matches(path, stream) : strcmp(path, dialect->path) == 0;
}

const struct sim_dialect *sim_dialect_find(const char *path, bool *stream)
{
    *stream = false;
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        if (matches(dialects[i], path, stream))
            return dialects[i];
    }
    return NULL;
}

const struct sim_dialect *sim_dialect_at(size_t i)
{
    return i < sizeof dialects / sizeof *dialects ? dialects[i] : NULL;
}
