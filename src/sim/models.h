/* The lists of models: of OpenAI and Anthropic, of Ollama, and TGI's one model. */
#ifndef SIM_MODELS_H
#define SIM_MODELS_H

#include "core/text.h"
#include "sim/node_file.h"

/* GET /v1/models: adds one JSON object, each expert with its largest tier. OpenAI's and Anthropic's
 * clients each find their own members in it. */
void models_add(struct text *json, const struct node_file *file);

/* GET /api/tags, as Ollama has it. */
void models_add_tags(struct text *json, const struct node_file *file);

/* GET /info, as TGI has it: the first expert. */
void models_add_info(struct text *json, const struct node_file *file);

#endif
