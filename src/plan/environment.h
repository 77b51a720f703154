/* Where the endpoint is and what opens it: environment variables and `.env` files (formats.md,
 * section 3). The key lives in one place, the struct below, and is never written anywhere. */
#ifndef PLAN_ENVIRONMENT_H
#define PLAN_ENVIRONMENT_H

#include <stdbool.h>

#include "core/error.h"
#include "plan/settings.h"

struct endpoint {
    char *address;        /* a URL, without a trailing slash */
    char *address_source; /* for people: "SAMBANOVA_API_BASE (environment)", "default" */
    char *key;
    char *key_source;
};

/* The variables of one API family, in the order they are looked for. */
struct environment_family {
    const char *address[3]; /* ends with NULL */
    const char *parts[5];   /* older names, each for a part of the address; ends with NULL */
    const char *key;
    const char *fallback; /* the address where none is given; NULL: it must be */
};

/* The table that environment_read and the manual are made from. */
const struct environment_family *environment_family(enum llm_api api);

/* Finds address and key for an API family: the real environment first, then `.env` in the working
 * directory, then `.env` beside the config. Adds a fault for what is missing or is no URL, and for
 * a line of `.env` that was to set one of the family's variables and does not; a warning for what
 * else may not work as meant. Clear `endpoint` either way. */
bool environment_read(enum llm_api api, const char *config_path, struct endpoint *endpoint,
                      struct faults *faults, struct faults *warnings);

/* Overwrites the key and frees all. */
void endpoint_clear(struct endpoint *endpoint);

#endif
