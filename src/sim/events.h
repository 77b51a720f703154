/* Who listens to what is loaded and unloaded, as it happens. GET /models/sse, as llama.cpp's router
 * has it: an event is a line "data: {"model", "event": "model_status", "data": {"status"}}". GET
 * /api/events, as llama-swap has it: "data:{"type": "modelStatus", "data": "[{\"id\",
 * \"state\"}]"}", with all models, at once and after each change. */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "sim/connection.h"
#include "sim/models.h"

enum events_form { EVENTS_LLAMA_CPP, EVENTS_LLAMA_SWAP, EVENTS_FORMS };

struct events_listener {
    struct connection *connection;
    enum events_form form;
};

struct events {
    struct events_listener *listener; /* owned */
    size_t listeners;
    enum node_state *told; /* of each expert; owned */
};

/* Sends the response's head; what changes from now on follows it. */
void events_listen(struct events *events, const struct models_view *view,
                   struct connection *connection, enum events_form form);

/* The connection is gone; one that did not listen is fine. */
void events_leave(struct events *events, const struct connection *connection);

/* Sends what changed since it was called last. */
void events_tell(struct events *events, const struct models_view *view);

void events_clear(struct events *events);

#endif
