/* What the two versions of SambaStudio's generic API share (formats.md, 4b and 4c;
 * science.md, 1.5): paths, key, parameters, prompts, and the values that say a token or the end. */
#ifndef SIM_GENERIC_H
#define SIM_GENERIC_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/dialect.h"

/* Whether `path` is, behind any prefix, `root` and then PROJECT/ENDPOINT, before which stands
 * "stream/" where the response shall stream. */
bool sim_generic_matches(const char *path, const char *root, bool *stream);

/* The header `key`. */
const char *sim_generic_key(const struct http_request *request);

/* Reads a prompt and its parameters, an object of plain values or NULL. A prompt may be a
 * conversation: the JSON of {messages: [{role, content}]}. Without select_expert the bundle's first
 * expert responds; without process_prompt, or with true, the server applies the template. `place`
 * is where the prompt stands in the body. */
bool sim_generic_read(const struct node_file *file, const char *place, const struct cJSON *prompt,
                      const struct cJSON *params, struct question *question,
                      struct refusal *refusal);

/* Adds the value of `count` tokens from token `first`, an object. */
void sim_generic_add_tokens(struct text *json, const struct token_text *token_text, int64_t first,
                            int64_t count);

/* Adds the value of the end, an object: the whole text and the server's measurements. */
void sim_generic_add_last(struct text *json, const struct token_text *token_text);

/* Adds {error: {code, message, details}}. */
void sim_generic_add_refusal(struct text *json, const struct refusal *refusal);

#endif
