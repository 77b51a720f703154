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

/* The model whose state has changed. */
static void add_llama_cpp(const struct events *events, const struct models_view *view,
                          size_t expert, struct text *event)
{
    text_add_string(event, "data: {\"model\":");
    text_add_json(event, bundle_expert(&view->file->bundle, expert)->name);
    text_printf(event, ",\"event\":\"model_status\",\"data\":{\"status\":\"%s\"}}\n\n",
                models_states[events->told[expert]]);
}

static void add_llama_swap(const struct events *events, const struct models_view *view,
                           struct text *event)
{
    static const char *const words[] = {"stopped", "starting", "ready"};
    struct text list = {0};

    for (size_t i = 0; i < experts_of(view); i++) {
        text_add_string(&list, i > 0 ? ",{\"id\":" : "[{\"id\":");
        text_add_json(&list, bundle_expert(&view->file->bundle, i)->name);
        text_printf(&list, ",\"state\":\"%s\"}", words[events->told[i]]);
    }
    text_add_string(&list, "]");
    text_add_string(event, "event:message\ndata:{\"type\":\"modelStatus\",\"data\":");
    text_add_json(event, list.bytes);
    text_add_string(event, "}\n\n");
    text_clear(&list);
}

/* `expert` has changed. */
static void send_to(const struct events *events, const struct models_view *view, size_t expert,
                    const struct events_listener *listener)
{
    struct text event = {0}, wire = {0};

    if (listener->form == EVENTS_LLAMA_CPP)
        add_llama_cpp(events, view, expert, &event);
    else
        add_llama_swap(events, view, &event);
    http_add_chunk(&wire, &event);
    connection_send(listener->connection, &wire);
    text_clear(&event);
    text_clear(&wire);
}

void events_listen(struct events *events, const struct models_view *view,
                   struct connection *connection, enum events_form form)
{
    const struct events_listener listener = {connection, form};
    struct text wire = {0};

    if (events->listeners == 0) {
        events->told = memory_resize(events->told, experts_of(view), sizeof *events->told);
        for (size_t i = 0; i < experts_of(view); i++)
            events->told[i] = state_of(view, i);
    }
    events->listener =
        memory_resize(events->listener, events->listeners + 1, sizeof *events->listener);
    events->listener[events->listeners++] = listener;
    http_add_stream_head(&wire, "text/event-stream", true);
    connection_send(connection, &wire);
    text_clear(&wire);
    if (form == EVENTS_LLAMA_SWAP)
        send_to(events, view, 0, &listener);
}

void events_leave(struct events *events, const struct connection *connection)
{
    for (size_t i = events->listeners; i-- > 0;) {
        if (events->listener[i].connection == connection)
            events->listener[i] = events->listener[--events->listeners];
    }
}

void events_tell(struct events *events, const struct models_view *view)
{
    for (size_t i = 0; i < experts_of(view) && events->listeners > 0; i++) {
        enum node_state now = state_of(view, i);

        if (now == events->told[i])
            continue;
        events->told[i] = now;
        for (size_t k = 0; k < events->listeners; k++)
            send_to(events, view, i, &events->listener[k]);
    }
}

void events_clear(struct events *events)
{
    free(events->listener);
    free(events->told);
    *events = (struct events){0};
}
