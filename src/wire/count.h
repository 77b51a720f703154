/* Where some endpoints count a prompt's tokens without generating: /messages/count_tokens
 * (SambaNova, Anthropic, llama-server) and /tokenize (vLLM) count it with its template,
 * /extras/tokenize/count (llama-cpp-python) counts a bare text. Counting may load a model. */
#ifndef WIRE_COUNT_H
#define WIRE_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

struct count_endpoint {
    const char *name;   /* NULL ends the list */
    bool at_root;       /* beside the address's /v1, else inside */
    const char *path;   /* from there */
    const char *member; /* of the response: the number */
    bool apart;         /* a system message stands beside the list of messages, not in it */
    bool bare;          /* counts the text alone, as `input`, without the chat template */
};

/* Those that OpenAI-compatible endpoints may have, the likeliest first. */
extern const struct count_endpoint count_endpoints[];

/* Its URL, for an endpoint's address; the caller frees. */
char *count_url(const struct count_endpoint *endpoint, const char *address);

/* Adds the request for how many tokens a message with that text takes, behind a message of the
 * system unless `system` is NULL; or the text alone, and then there is no system. */
void count_write_body(const struct count_endpoint *endpoint, const char *model, const char *system,
                      const char *prompt, struct text *body);

/* Reads the response; false where it holds no such number. */
bool count_read(const struct count_endpoint *endpoint, const char *body, size_t length,
                int64_t *tokens);

#endif
