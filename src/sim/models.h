/* The lists of models: of OpenAI and Anthropic, of llama.cpp's router, of llama-swap, of Ollama,
 * and TGI's one model. */
#ifndef SIM_MODELS_H
#define SIM_MODELS_H

#include "core/text.h"
#include "sim/node.h"
#include "sim/node_file.h"

/* Whose models they are. */
struct models_view {
    const struct node_file *file;
    struct node *node; /* NULL: what is loaded is not known */
    int64_t now_ns;
};

/* By enum node_state: "unloaded", "loading", "loaded". */
extern const char *const models_states[];

/* GET /v1/models: adds one JSON object, each expert with its largest tier, and with the "status" of
 * llama.cpp's router. OpenAI's and Anthropic's clients each find their own members in it. */
void models_add(struct text *json, const struct models_view *view);

/* GET /running, as llama-swap has it: what is loaded, or being loaded. */
void models_add_running(struct text *json, const struct models_view *view);

/* GET /api/ps, as Ollama has it: what is loaded. */
void models_add_processes(struct text *json, const struct models_view *view);

/* GET /api/tags, as Ollama has it. */
void models_add_tags(struct text *json, const struct models_view *view);

/* GET /info, as TGI has it: the first expert. */
void models_add_info(struct text *json, const struct models_view *view);

#endif
