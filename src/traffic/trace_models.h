/* Which model of the endpoint a trace's requests go to: the config's `trace_models`. */
#ifndef TRAFFIC_TRACE_MODELS_H
#define TRAFFIC_TRACE_MODELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "traffic/census.h"

/* `{NAME IN FILE: model, "*": model}`; "*" is for all that are not named, and for formats that
 * name no model. */
struct trace_mapping {
    const char *name, *model;
};

/* The endpoint's model for a name in the file (NULL: the request names none); NULL: there is none.
 */
const char *trace_mapping_find(const struct trace_mapping *mapping, size_t mappings,
                               const char *name);

/* A mix's members by the trace: each model of the endpoint once. */
struct trace_members {
    const char **model; /* the mapping's; in the order of their first lines; owned */
    size_t *requests;   /* of each; owned */
    size_t count;
    size_t *of_name; /* the member of each name in the census; owned */
    size_t of_none;  /* of requests that name no model; SIZE_MAX: there are none */
};

/* Finds the members. Adds a fault for each name that maps to nothing, with how many lines it has;
 * true where there is none. Clear it either way. */
bool trace_members_find(struct trace_members *members, const struct trace_mapping *mapping,
                        size_t mappings, const struct census *census, const char *path,
                        struct faults *faults);

void trace_members_clear(struct trace_members *members);

#endif
