/* A service that a run is sent to, over HTTP: where it is, who may write there, and questions to
 * it that are asked again where it is busy or away. For this room alone. */
#ifndef EXPORT_SERVICE_H
#define EXPORT_SERVICE_H

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "load/target.h"

struct service {
    const char *name; /* "MLflow", for sentences */
    char *url;        /* without a slash at its end; owned */
    struct target target;
    struct secrets *secrets;
    char *authorization;          /* "Authorization: …"; NULL: none; owned */
    char *header[17];             /* further ones, "Name: value", ended by NULL; owned */
    const atomic_int *stop;       /* gives up soon once it is set; NULL: never */
    bool (*may_pass)(int status); /* whether to ask again after it; NULL: 408, 429, from 500 on */
    size_t pauses;                /* how often it waited before it asked again; of all questions */
};

/* A variable of the environment; NULL where it is not set, or is empty. */
const char *service_variable(const char *name);

/* Takes an address of http or https, without user and password, which others would see. False with
 * a sentence. Close it either way. */
bool service_open(struct service *service, const char *name, const char *url,
                  const atomic_int *stop, struct error *error);
void service_close(struct service *service);

/* Adds who asks: `Authorization: Bearer TOKEN`, else HTTP Basic of user and password (RFC 7617).
 * NULLs: nobody. What is secret of it is struck out of all that the service says. */
void service_authorize(struct service *service, const char *token, const char *user,
                       const char *password);

/* Adds a header, "Name: value", whose value is a secret; false where there are too many. */
bool service_add_header(struct service *service, const char *line);

/* What it answered. */
struct service_reply {
    int status;  /* 0: it did not */
    cJSON *json; /* NULL: none; owned */
};

/* Asks for `path` behind the service's URL: a POST of `sent`, a PUT of the file `put`, a GET where
 * both are NULL. Asked again, after 0.25, 0.5, 1, 2 and 4 s at most for all questions together,
 * where no whole response came, and after a status that may pass. True where it was
 * carried out (200 to 299), else a sentence with what the service says. Clear `reply` either way.
 */
bool service_ask(struct service *service, const char *path, const struct text *sent,
                 const char *put, struct service_reply *reply, struct error *error);
void service_reply_clear(struct service_reply *reply);

/* The text at `path` in JSON, such as "run.info.run_id"; NULL where there is none. */
const char *service_text(const struct service_reply *reply, const char *path);

/* Adds `text` as a segment of a path: what is not unreserved as %XX (RFC 3986, 2.3). */
void service_add_segment(struct text *path, const char *text);

#endif
