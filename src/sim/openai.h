/* What is asked of an OpenAI-compatible server, whatever is made of it. */
#ifndef SIM_OPENAI_H
#define SIM_OPENAI_H

#include "sim/question.h"

/* Reads `model` of a body: the expert. */
bool openai_read_expert(const struct node_file *file, const struct cJSON *body,
                        struct question *question, struct refusal *refusal);

/* Reads `model` and `messages` of a body: the expert, and the prompt's tokens. */
bool openai_read_prompt(const struct node_file *file, const struct cJSON *body,
                        struct question *question, struct refusal *refusal);

/* Reads a whole body for chat completions. */
bool openai_read(const struct node_file *file, const struct cJSON *body, struct question *question,
                 struct refusal *refusal);

#endif
