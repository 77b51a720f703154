#include "sim/events.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static size_t experts_of(const struct models_view *view)
{
    return view->file->bundle.experts.count;
}

static enum node_state state_of(const struct models_view *view, size_t i)
{
    return node_state(view->node, bundle_expert(&view->file->bundle, i), view->now_ns);
}

void events_listen(struct events *events, const struct models_view *view,
                   struct connection *connection)
{
    struct text wire = {0};

    if (events->listeners == 0) {
        events->told = memory_resize(events->told, experts_of(view), sizeof *events->told);
        for (size_t i = 0; i < experts_of(view); i++)
            events->told[i] = state_of(view, i);
    }
    events->listener =
        memory_resize(events->listener, events->listeners + 1, sizeof(struct connection *));
    events->listener[events->listeners++] = connection;
    http_add_stream_head(&wire, "text/event-stream", true);
    connection_send(connection, &wire);
    text_clear(&wire);
}

void events_leave(struct events *events, const struct connection *connection)
{
    for (size_t i = events->listeners; i-- > 0;) {
        if (events->listener[i] == connection)
            events->listener[i] = events->listener[--events->listeners];
    }
}

static void tell(const struct events *events, const struct models_view *view, size_t expert)
{
    struct text event = {0}, wire = {0};

    text_add_string(&event, "data: {\"model\":");
    text_add_json(&event, bundle_expert(&view->file->bundle, expert)->name);
    text_printf(&event, ",\"event\":\"model_status\",\"data\":{\"status\":\"%s\"}}\n\n",
                models_states[events->told[expert]]);
    http_add_chunk(&wire, &event);
    for (size_t i = 0; i < events->listeners; i++)
        connection_send(events->listener[i], &wire);
    text_clear(&event);
    text_clear(&wire);
}

void events_tell(struct events *events, const struct models_view *view)
{
    for (size_t i = 0; i < experts_of(view) && events->listeners > 0; i++) {
        enum node_state now = state_of(view, i);

        if (now == events->told[i])
            continue;
        events->told[i] = now;
        tell(events, view, i);
    }
}

void events_clear(struct events *events)
{
    free(events->listener);
    free(events->told);
    *events = (struct events){0};
}
