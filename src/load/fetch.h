/* A small request to the target, waited for: for what is asked ahead of a run, such as /models. */
#ifndef LOAD_FETCH_H
#define LOAD_FETCH_H

#include "core/error.h"
#include "core/text.h"
#include "load/target.h"

/* Adds the answer's body (at most 4 MiB) to `body`; false and a sentence for anything but HTTP 200
 * within twice the connect timeout. */
bool fetch_get(const struct target *target, const char *url, struct text *body,
               struct error *error);

/* The same with `sent`, a JSON text, as the body of a POST. */
bool fetch_post(const struct target *target, const char *url, const struct text *sent,
                struct text *body, struct error *error);

/* Whether the HTTP library can make a host, a port and a path of `url`; else false and its word for
 * what is wrong. */
bool fetch_understands(const char *url, struct error *error);

/* Name and version of the HTTP library and what it stands on, for the record. */
const char *fetch_library(void);

#endif
