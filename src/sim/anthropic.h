/* What of Anthropic's Messages API counts tokens and lists models too. */
#ifndef SIM_ANTHROPIC_H
#define SIM_ANTHROPIC_H

#include "sim/http.h"
#include "sim/question.h"

/* The key of "x-api-key: KEY" or, as newer clients send it, "Authorization: Bearer KEY"; NULL: it
 * bears none. */
const char *sim_anthropic_key(const struct http_request *request);

/* Reads `model`, `system` and `messages` of a body: the expert, and the prompt's tokens. */
bool sim_anthropic_read_prompt(const struct node_file *file, const struct cJSON *body,
                               struct question *question, struct refusal *refusal);

#endif
