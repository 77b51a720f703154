/* What the dialects of the simulator share that speak as OpenAI does (formats.md, 4a): the key, the
 * head of an object, usage with SambaNova's own measurements, the events of an end, refusals; and
 * what any dialect asks of the server's manner. */
#ifndef SIM_OPENAI_PARTS_H
#define SIM_OPENAI_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/http.h"
#include "sim/refusal.h"
#include "sim/token_text.h"

/* The key of "Authorization: Bearer KEY"; NULL: it bears none. */
const char *sim_bearer_key(const struct http_request *request);

/* How the server of a response talks. */
const struct bundle_behaviour *sim_manner(const struct token_text *token_text);

/* How many of the response's tokens are reasoning; they come first. */
int64_t sim_reasoning_tokens(const struct token_text *token_text);

/* "length" in quotes, or null where the server gives no reason. */
const char *sim_finish_reason(const struct token_text *token_text);

/* Adds `count` tokens from token `first` as a member: "name":"…". */
void sim_add_words(struct text *json, const struct token_text *token_text, const char *name,
                   int64_t first, int64_t count);

/* Adds the members that every object of a response begins with, with the brace before them. */
void sim_openai_add_head(struct text *json, const struct token_text *token_text,
                         const char *object);

/* Adds what of usage rides on the chunk with which so many tokens are out: ,"usage":… or nothing.
 */
void sim_openai_add_usage_beside(struct text *event, const struct token_text *token_text,
                                 int64_t tokens);

/* Adds ,"usage":{…} to a whole response, where the server gives one. */
void sim_openai_add_last_usage(struct text *json, const struct token_text *token_text);

/* Adds ,"timings":{…} to what ends a response, where the server gives them. */
void sim_openai_add_timings(struct text *json, const struct token_text *token_text);

/* Adds event `k` of the end: why, usage where it was asked for and stands apart, the mark; false
 * after the last. `nothing` is the choice's member without text. */
bool sim_openai_add_end(struct text *event, const struct token_text *token_text, int k,
                        const char *object, const char *nothing);

extern const char sim_openai_done[];

/* Adds {error: {message, type, param, code}}. */
void sim_openai_add_refusal(struct text *json, const struct refusal *refusal);

#endif
