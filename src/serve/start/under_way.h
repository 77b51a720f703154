/* The runs under way below the root, whoever started them, and which endpoint each measures: by
 * their manifests, and by run.pid. One that this server has just started counts from its first
 * moment on. Any thread may call these. */
#ifndef SERVE_START_UNDER_WAY_H
#define SERVE_START_UNDER_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/http/route.h"

struct under_way;
struct workbench;

/* How old what is known may be, in seconds: for a glance while somebody types, and where a run is
 * to be started. */
#define UNDER_WAY_GLANCE_S 2.0
#define UNDER_WAY_NOW_S    0.0

struct under_way_run {
    char id[ROUTE_RUN];
    char *path; /* below the root; NULL: not known yet; owned */
    char *name; /* owned */
};
void under_way_run_clear(struct under_way_run *run);

struct under_way *under_way_new(struct workbench *workbench);
void under_way_free(struct under_way *under_way);

/* A run of that id, name and endpoint has been started as the process that `process`, a descriptor
 * of it which is copied, stands for (pidfd_open(2)). */
void under_way_add(struct under_way *under_way, const struct under_way_run *run,
                   const char *endpoint, int process);

/* The first run that measures the endpoint of that address. False: none does. Clear `run` where it
 * is found. */
bool under_way_find(struct under_way *under_way, const char *endpoint, double age_s,
                    struct under_way_run *run);

/* All of them, to be freed; each to be cleared. */
struct under_way_run *under_way_all(struct under_way *under_way, const char *endpoint, double age_s,
                                    size_t *count);

/* Copies of the descriptors of all that are known, to be closed and freed: each can be read from
 * once its run has ended. */
int *under_way_processes(struct under_way *under_way, size_t *count);

#endif
