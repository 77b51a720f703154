/* Where the endpoint is and what opens it: environment variables and `.env` files (formats.md,
 * section 3). The key lives in one place, the struct below, and is never written anywhere. */
#ifndef PLAN_ENVIRONMENT_H
#define PLAN_ENVIRONMENT_H

#include <stdbool.h>

#include "core/api.h"
#include "core/error.h"

struct endpoint {
    char *address; /* a URL without query or trailing slash */
    char *query;   /* its query, which is sent with every request; a secret; NULL: none */
    char *shown;   /* the address as it may be shown, with "?name=*" */
    /* For people: "SAMBANOVA_API_BASE (environment)", "default", environment_option. */
    char *address_source;
    char *key;
    char *key_source;
    bool keyless; /* none was found, and a word that is no secret is sent in its place, or nothing
                   * where such endpoints ask for none */
};

/* Finds address and key for a kind of endpoint (core/api.h): the real environment first, then
 * `.env` in the working directory, then beside the config, then in the folders above that up to the
 * nearest that holds .git (none: no further). Adds a fault for what is missing or is no URL, for an
 * address that one of the last two gives without the key, and for a line of `.env` that was to set
 * one of the family's variables and does not; a warning for what else may not work as meant. Clear
 * `endpoint` either way. */
bool environment_read(enum llm_api api, const char *config_path, struct endpoint *endpoint,
                      struct faults *faults, struct faults *warnings);

/* The source of an address that the command line gives: "--url". */
extern const char environment_option[];

/* The same for the address `url`, which stands in the place of the environment's. The key is looked
 * for as ever; where there is none, 'none' is sent in its place, for endpoints that ask for none.
 * NULL: as environment_read. */
bool environment_read_at(const char *url, enum llm_api api, const char *config_path,
                         struct endpoint *endpoint, struct faults *faults, struct faults *warnings);

/* What repeats the address on another command line, " --url http://…", where one gave it; else "".
 * Free it. */
char *endpoint_repeat(const struct endpoint *endpoint);

/* Overwrites key and query and frees all. */
void endpoint_clear(struct endpoint *endpoint);

#endif
