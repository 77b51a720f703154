/* A small request to the target, waited for: for what is asked before a run, such as /models. */
#ifndef LOAD_FETCH_H
#define LOAD_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "load/target.h"
#include "record/request.h"

/* A request, and how long it may take. */
struct fetch {
    const char *url;
    const struct text *sent; /* a JSON text, as the body of a POST; NULL: a GET */
    const char *put;         /* path of a file, as the body of a PUT; NULL: none */
    double timeout_s;
    const atomic_int *stop; /* gives up within a second once it is set; NULL: never */
};

/* What came of it, secrets struck out. */
struct fetched {
    int status; /* 0: no response */
    enum request_end
        end;          /* why no response came whole; else REQUEST_COMPLETED, whatever its status */
    char server[256]; /* its Server header; "" where it has none */
    char coding[32];  /* a transfer coding other than "chunked", which ended it; "": none */
    bool timed_out;
    struct text body; /* at most 4 MiB */
};

/* True where a response came whole, whatever its status; else a sentence, which for a file that
 * cannot be read names it. `fetched` is zeroed before; clear it either way. */
bool fetch_ask(const struct target *target, const struct fetch *how, struct fetched *fetched,
               struct error *error);
void fetched_clear(struct fetched *fetched);

/* Whether a response says that the request was carried out, by any status from 200 to 299, as of
 * services that a run is sent to; what a model endpoint may answer is fetch_judge's. */
bool fetch_is_accepted(const struct fetched *fetched);

/* Whether a response is a success; else a sentence with its status and what it says. */
bool fetch_judge(const struct fetched *fetched, struct error *error);

/* Adds the response's body to `body`; false and a sentence for anything but a success within the
 * connect timeout. */
bool fetch_get(const struct target *target, const char *url, struct text *body,
               struct error *error);

/* The same for any request and any patience. */
bool fetch_body(const struct target *target, const struct fetch *how, struct text *body,
                struct error *error);

/* Whether the HTTP library can make a host, a port and a path of `url`; else false and its word for
 * what is wrong. */
bool fetch_understands(const char *url, struct error *error);

/* Scheme, host and port of `url`, as "http://host:80", alike for all addresses of one origin (RFC
 * 6454); free it. NULL where it has none. */
char *fetch_origin(const char *url);

/* Name and version of the HTTP library and what it stands on, for the record. */
const char *fetch_library(void);

#endif
