/* Asks an endpoint which of its models are loaded, and has it load and unload them, as
 * known_state.h tells for each server. All of it goes to the endpoint's own root, with its key. */
#ifndef TELEMETRY_RESIDENTS_H
#define TELEMETRY_RESIDENTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/error.h"
#include "load/target.h"
#include "telemetry/loaded.h"

struct residents;

struct residents_how {
    const struct target *target; /* outlives it */
    const char *address, *query; /* the endpoint's base, and its query; NULL: none */
    enum state_source source;    /* not `none` */
    const atomic_int *stop;      /* what waits gives up within a second once it is set */
};

/* With `auto` asks the endpoint as each server in turn. NULL, with a sentence, where it answers as
 * none. Follows the server's events, where it has any, by a thread of its own. */
struct residents *residents_new(const struct residents_how *how, struct error *error);

enum state_source residents_source(const struct residents *residents);

/* What is loaded now. False with a sentence; `loaded` is zeroed before, and to be cleared. */
bool residents_ask(struct residents *residents, struct loaded *loaded, struct error *error);

/* How long the model loaded, by the server's events (load_events.h). */
double residents_load_s(struct residents *residents, const char *model, int64_t from_ns,
                        int64_t to_ns);

/* Has all models unloaded, or this one, or this one loaded, and waits until the server says so, 60
 * s at most. What is so already is fine. False with a sentence. */
bool residents_control(struct residents *residents, enum state_control control, const char *model,
                       struct error *error);

/* Ends its thread within a second. NULL is fine. */
void residents_free(struct residents *residents);

#endif
