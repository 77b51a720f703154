/* Endpoints that count a prompt's tokens and leave the node alone: they load nothing and wait for
 * nothing. */
#ifndef SIM_COUNT_H
#define SIM_COUNT_H

#include "core/text.h"
#include "sim/node_file.h"
#include "sim/refusal.h"

struct cJSON;

/* POST /v1/messages/count_tokens, as Anthropic's API has it: {model, messages} → {input_tokens},
 * the chat template included. False and a refusal where the body says something else. */
bool count_message_tokens(const struct node_file *file, const struct cJSON *body, struct text *json,
                          struct refusal *refusal);

/* POST /tokenize, as vLLM has it: {model, prompt} without the template, or {model, messages} with
 * it → {count, max_model_len, tokens}. The simulator has no vocabulary; a token's number is its
 * place.
 */
bool count_tokenize(const struct node_file *file, const struct cJSON *body, struct text *json,
                    struct refusal *refusal);

#endif
