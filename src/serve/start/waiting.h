/* A run that is to be started, and the queue of those that wait for their endpoint, which lasts
 * longer than the server: as ".workbench/queue.json", without what was typed of keys. */
#ifndef SERVE_START_WAITING_H
#define SERVE_START_WAITING_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/clock.h"
#include "core/error.h"
#include "serve/http/route.h"
#include "serve/own_folder.h"
#include "serve/start/endpoints.h"

struct workbench;

struct waiting {
    char id[ROUTE_RUN];
    char *path;     /* of the run's folder below the root, to come or, to be resumed, there */
    char *name;     /* the last part of it */
    char *endpoint; /* the address as it may be shown */
    bool search;    /* it is one; else a run */
    bool resumes;
    char draft[OWN_NAME];        /* the folder below drafts/ that has it; "": it resumes */
    struct typed_endpoint typed; /* address of NULL: the environment's */
    bool needs_key;              /* one was typed before the server was started again */
    char since_utc[CLOCK_TEXT];
    char *error; /* why it cannot start; NULL: it waits for its endpoint */
};
void waiting_clear(struct waiting *waiting);

/* Takes an entry out of the list, which becomes the caller's. */
struct waiting waiting_take(struct waiting *list, size_t *count, size_t at);

/* Removes the folder of its draft. */
void waiting_remove_draft(const struct workbench *workbench, const struct waiting *waiting);

enum { WAITING_MOST = 100 };

/* Reads the queue as the last server left it, none where there is none; free the list, and clear
 * each. */
struct waiting *waiting_read(const struct workbench *workbench, size_t *count);

/* Writes it. False with a sentence. */
bool waiting_write(const struct workbench *workbench, const struct waiting *list, size_t count,
                   struct error *error);

/* The list of a file's bytes, which nobody may trust; NULL and a count of 0 where it is none. */
struct waiting *waiting_parse(const char *bytes, size_t length, size_t *count);

#endif
