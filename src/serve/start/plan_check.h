/* A draft as the program itself judges it: `coebench plan --json`, in a child. */
#ifndef SERVE_START_PLAN_CHECK_H
#define SERVE_START_PLAN_CHECK_H

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/error.h"
#include "serve/start/draft.h"
#include "serve/start/endpoints.h"

struct workbench;

struct plan_check {
    const struct draft *draft;
    const struct typed_endpoint *endpoint;
    bool online;               /* the endpoint is asked for its models */
    atomic_bool *stop, *stale; /* as own_command.h has them */
};

/* Checks it and gives what was found, sound or not, for the caller to free: as `plan --json` has
 * it, but for faults and warnings, which name the draft's own files "config" and "rows" and leave
 * their place out of the text, and without its paths. NULL with a sentence where it could not be
 * checked. */
cJSON *plan_check(const struct workbench *workbench, const struct plan_check *check,
                  struct error *error);

bool plan_check_is_sound(const cJSON *found);

/* The endpoint's address as it may be shown; NULL: the plan has none. */
const char *plan_check_endpoint(const cJSON *found);

#endif
