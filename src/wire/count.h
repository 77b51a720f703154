/* Doors at which some endpoints count a prompt's tokens, template included, without answering it:
 * /messages/count_tokens (SambaNova, Anthropic) and /tokenize (vLLM). */
#ifndef WIRE_COUNT_H
#define WIRE_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

struct count_door {
    const char *name;   /* NULL ends the list */
    bool at_root;       /* beside the address's /v1, else inside */
    const char *path;   /* from there */
    const char *member; /* of the answer: the number */
};

/* Those that OpenAI-compatible endpoints may have, the likeliest first. */
extern const struct count_door count_doors[];

/* Where the door is, for an endpoint's address; the caller frees. */
char *count_url(const struct count_door *door, const char *address);

/* Adds the question how many tokens a message with that text takes. */
void count_write_body(const char *model, const char *prompt, struct text *body);

/* Reads the answer; false where it holds no such number. */
bool count_read(const struct count_door *door, const char *body, size_t length, int64_t *tokens);

#endif
