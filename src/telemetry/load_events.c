#include "telemetry/load_events.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

static const char *text_in(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void drop_half(struct load_events *events)
{
    size_t gone = events->loads / 2;

    for (size_t i = 0; i < gone; i++)
        free(events->load[i].model);
    events->loads -= gone;
    memmove(events->load, events->load + gone, events->loads * sizeof *events->load);
}

static struct load_event *find_begun(struct load_events *events, const char *model)
{
    for (size_t i = 0; i < events->begins; i++) {
        if (strcmp(events->begun[i].model, model) == 0)
            return &events->begun[i];
    }
    return NULL;
}

static void begin(struct load_events *events, const char *model, int64_t now_ns)
{
    if (find_begun(events, model) || events->begins == LOAD_EVENTS_BEGUN_MOST)
        return;
    events->begun = memory_resize(events->begun, events->begins + 1, sizeof *events->begun);
    events->begun[events->begins++] = (struct load_event){memory_text(model), now_ns, 0};
}

static void keep(struct load_events *events, struct load_event load)
{
    if (events->loads == LOAD_EVENTS_MOST)
        drop_half(events);
    events->load = memory_resize(events->load, events->loads + 1, sizeof *events->load);
    events->load[events->loads++] = load;
}

/* The model is there, or it is given up. */
static void end(struct load_events *events, const char *model, bool is_loaded, int64_t now_ns)
{
    struct load_event *begun = find_begun(events, model);

    if (!begun)
        return;
    begun->end_ns = now_ns;
    if (is_loaded)
        keep(events, *begun);
    else
        free(begun->model);
    *begun = events->begun[--events->begins];
}

static void take(struct load_events *events, const char *model, const char *state,
                 const char *on_its_way, const char *there, int64_t now_ns)
{
    if (!model || !state)
        return;
    if (strcmp(state, on_its_way) == 0)
        begin(events, model, now_ns);
    else
        end(events, model, strcmp(state, there) == 0, now_ns);
}

static void take_llama_cpp(struct load_events *events, const cJSON *event, int64_t now_ns)
{
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");

    take(events, text_in(event, "model"), text_in(data, "status"), "loading", "loaded", now_ns);
}

static void take_llama_swap(struct load_events *events, const cJSON *event, int64_t now_ns)
{
    const char *type = text_in(event, "type"), *data = text_in(event, "data");
    cJSON *list = type && data && strcmp(type, "modelStatus") == 0 ? cJSON_Parse(data) : NULL;

    for (const cJSON *model = cJSON_IsArray(list) ? list->child : NULL; model; model = model->next)
        take(events, text_in(model, "id"), text_in(model, "state"), "starting", "ready", now_ns);
    cJSON_Delete(list);
}

void load_events_take(struct load_events *events, enum state_source source, const char *line,
                      size_t length, int64_t now_ns)
{
    static const char field[] = "data:";
    size_t skip = sizeof field - 1;
    cJSON *event;

    if (length <= skip || memcmp(line, field, skip) != 0)
        return;
    event = cJSON_ParseWithLength(line + skip, length - skip);
    if (source == STATE_SOURCE_LLAMA_CPP)
        take_llama_cpp(events, event, now_ns);
    else if (source == STATE_SOURCE_LLAMA_SWAP)
        take_llama_swap(events, event, now_ns);
    cJSON_Delete(event);
}

double load_events_s(const struct load_events *events, const char *model, int64_t from_ns,
                     int64_t to_ns)
{
    double seconds = NAN;

    for (size_t i = 0; i < events->loads; i++) {
        const struct load_event *load = &events->load[i];
        int64_t begin_ns = load->begin_ns > from_ns ? load->begin_ns : from_ns;

        if (load->end_ns < from_ns || load->end_ns > to_ns || strcmp(load->model, model) != 0)
            continue;
        seconds = (isnan(seconds) ? 0 : seconds) + clock_seconds(begin_ns, load->end_ns);
    }
    return seconds;
}

static void clear(struct load_event *load, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(load[i].model);
    free(load);
}

void load_events_clear(struct load_events *events)
{
    clear(events->load, events->loads);
    clear(events->begun, events->begins);
    *events = (struct load_events){0};
}
