/* The endpoint of each session: the environment's and .env's, as the commands find it, or one that
 * was typed, which lives in memory alone and reaches children in their environment alone. No reply,
 * log or file has a key or a part of it. Any thread may call these. */
#ifndef SERVE_START_ENDPOINTS_H
#define SERVE_START_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/api.h"
#include "core/error.h"
#include "plan/environment.h"

struct endpoints;
struct workbench;

enum { ENDPOINTS_BODY = 16 << 10, ENDPOINTS_ADDRESS = 2048, ENDPOINTS_KEY = 4096 };

/* What was typed. */
struct typed_endpoint {
    enum llm_api api;
    char *address; /* a URL; NULL: nothing was typed */
    char *key;     /* NULL: the environment's, or .env's */
};
void typed_endpoint_copy(const struct typed_endpoint *from, struct typed_endpoint *to);
void typed_endpoint_clear(struct typed_endpoint *typed); /* overwrites the key */

/* Reads {"address", "api", "key"}; an object without an address is none. False with a sentence,
 * which holds no key. Clear `typed` either way. */
bool typed_endpoint_read(const char *bytes, size_t length, struct typed_endpoint *typed,
                         struct error *error);

struct endpoints *endpoints_new(void);
void endpoints_free(struct endpoints *endpoints);

/* Keeps a copy for the session of that secret, in the place of what it had. */
void endpoints_set(struct endpoints *endpoints, const char *secret,
                   const struct typed_endpoint *typed);

/* A copy of what the session has typed; its address is NULL where that is nothing. Clear it. */
void endpoints_get(struct endpoints *endpoints, const char *secret, struct typed_endpoint *typed);

/* A copy of what any session has typed for that address, with a key. False: none has. */
bool endpoints_find(struct endpoints *endpoints, enum llm_api api, const char *address,
                    struct typed_endpoint *typed);

/* Finds address and key as a command in the server's working directory would, with what was typed
 * in the environment's place; where nothing was, of the first kind of endpoint that has a key, else
 * an address. False where none has an address, with a sentence. Clear `endpoint` either way. */
bool endpoints_look_up(const struct workbench *workbench, const struct typed_endpoint *typed,
                       enum llm_api *api, struct endpoint *endpoint, struct error *error);

/* The environment of a child: this program's, with what was typed in its place. Free it. */
char **endpoints_environment(const struct typed_endpoint *typed);
void endpoints_environment_free(char **environment);

#endif
