/* How known servers are asked what is loaded, and told what to load: the one table. Paths begin at
 * the server's root.
 *
 * Sources: llama.cpp tools/server/README.md ("Using multiple models"); llama-swap's routes (README,
 * proxy/proxymanager.go); Ollama docs/api.md ("Load a model", "Unload a model", "List running
 * models"); vLLM's OpenAI-compatible server, and its /is_sleeping where the server was started for
 * development. None of what only asks loads a model. */
#ifndef TELEMETRY_KNOWN_STATE_H
#define TELEMETRY_KNOWN_STATE_H

#include <stdbool.h>

#include "core/text.h"
#include "record/state.h"

/* NULL: the server has no such thing. */
struct known_state {
    const char *lists;     /* GET: what loaded.h reads */
    const char *sleeps;    /* GET: {"is_sleeping": true} where nothing is in memory */
    const char *events;    /* GET: what load_events.h reads */
    const char *unload;    /* POST; one that ends with '/' has the model's name behind it */
    const char *unloads;   /* POST, of all models at once */
    const char *load;      /* the same as `unload`, but … */
    const char *load_end;  /* … where this is not NULL a GET, with this behind the name */
    const char *unloading; /* what the body of `unload` has besides the model */
};

/* Of a source that is none of `none` and `auto`. */
const struct known_state *known_state(enum state_source source);

/* A request that loads or unloads a model. */
struct known_state_request {
    char *path; /* owned */
    struct text body;
    bool is_get;
};

/* To unload the model, or to load it. False where the server cannot be asked to; clear it. */
bool known_state_unload(enum state_source source, const char *model,
                        struct known_state_request *request);
bool known_state_load(enum state_source source, const char *model,
                      struct known_state_request *request);
void known_state_request_clear(struct known_state_request *request);

/* For the manual: the lines of a table | source | lists | events | load | unload |. */
void known_state_add_table(struct text *text);

#endif
