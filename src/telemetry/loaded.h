/* Which of its models a server says are loaded. Bytes in, structs out, no I/O.
 *
 * llama.cpp's router, GET /models: each model with its "status" ("loaded", "loading", "unloaded",
 * "sleeping"; tools/server/README.md). A llama-server without a router has no status: what it lists
 * is loaded. llama-swap, GET /running: what is loaded ("ready") or about to be ("starting").
 * Ollama, GET /api/ps: what is loaded; a name without a tag means the tag "latest". vLLM, GET
 * /v1/models: what it lists is loaded, but for adapters (with a "parent"), of which it does not
 * say. */
#ifndef TELEMETRY_LOADED_H
#define TELEMETRY_LOADED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "record/state.h"

struct loaded_model {
    char *name;           /* owned */
    enum state_word word; /* unknown: it is on its way, in or out; or the server does not say */
};

/* Zeroed: nothing. */
struct loaded {
    struct loaded_model *model; /* owned */
    size_t models;
    enum state_source source;
    bool has_status; /* of llama.cpp: it is a router */
};

/* Reads a response of that source, which is none of `none` and `auto`. False where it has another
 * form than that server's; `loaded` is zeroed before, and to be cleared either way. */
bool loaded_read(enum state_source source, const char *bytes, size_t length, struct loaded *loaded);

/* Of one model, as requests name it. What a list of loaded models lacks is not loaded; what a list
 * of all lacks is unknown. */
enum state_word loaded_find(const struct loaded *loaded, const char *model);

/* Whether any is loaded, or on its way. */
bool loaded_any(const struct loaded *loaded);

/* Adds the names of what is loaded, as a JSON list. */
void loaded_add_json(const struct loaded *loaded, struct text *json);

void loaded_clear(struct loaded *loaded);

#endif
