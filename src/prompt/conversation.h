/* A conversation of a data set: `messages` of {role, content}, as chat APIs have them, or
 * `conversations` of {from, value}, as ShareGPT's files. What the user says in it is sent; the
 * model's messages are left out, since the responses that come take their place. */
#ifndef PROMPT_CONVERSATION_H
#define PROMPT_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct cJSON;

enum { CONVERSATION_TURNS_MOST = 1000 }; /* what comes behind these is left out */

struct conversation {
    char *system; /* what the system says ahead of the user's first; NULL: nothing */
    char **user;  /* texts, none empty */
    size_t turns;
};

/* Whether the object is to be read as one. */
bool conversation_is_one(const struct cJSON *object);

/* Reads it; false with a sentence where its list is none of messages. It may have no text of the
 * user. Clear it either way. */
bool conversation_read(const struct cJSON *object, struct conversation *conversation,
                       struct error *error);

void conversation_clear(struct conversation *conversation);

#endif
