/* What a server tells of its loads as they happen, event by event. Lines in, structs out, no I/O;
 * moments are arguments.
 *
 * llama.cpp's router, GET /models/sse: {"model", "data": {"status": "loading" | "loaded" | …}}.
 * llama-swap, GET /api/events: {"type": "modelStatus", "data": "[{\"id\", \"state\": \"starting\" |
 * \"ready\" | …}]"}. A load goes from the first event that a model is on its way to the one that it
 * is there. */
#ifndef TELEMETRY_LOAD_EVENTS_H
#define TELEMETRY_LOAD_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "record/state.h"

/* So many loads are kept, the latest; and so many models may be on their way at once. */
enum { LOAD_EVENTS_MOST = 65536, LOAD_EVENTS_BEGUN_MOST = 1024 };

struct load_event {
    char *model; /* owned */
    int64_t begin_ns, end_ns;
};

/* Zeroed: nothing happened yet. */
struct load_events {
    struct load_event *load, *begun; /* owned; `begun` have no end yet */
    size_t loads, begins;
};

/* Takes a line of the stream, which came at `now_ns`; one that tells of no load is fine. */
void load_events_take(struct load_events *events, enum state_source source, const char *line,
                      size_t length, int64_t now_ns);

/* How long loads of the model took that ended from `from_ns` to `to_ns`, in seconds, what lies
 * before that time left out; NAN where there was none. */
double load_events_s(const struct load_events *events, const char *model, int64_t from_ns,
                     int64_t to_ns);

void load_events_clear(struct load_events *events);

#endif
