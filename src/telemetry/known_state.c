#include "telemetry/known_state.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static const struct known_state table[STATE_SOURCES] = {
    [STATE_SOURCE_LLAMA_CPP] = {.lists = "/models",
                                .events = "/models/sse",
                                .unload = "/models/unload",
                                .load = "/models/load"},
    [STATE_SOURCE_LLAMA_SWAP] = {.lists = "/running",
                                 .events = "/api/events",
                                 .unload = "/api/models/unload/",
                                 .unloads = "/api/models/unload",
                                 .load = "/upstream/",
                                 .load_end = "/health"},
    [STATE_SOURCE_OLLAMA] = {.lists = "/api/ps",
                             .unload = "/api/generate",
                             .load = "/api/generate",
                             .unloading = ", \"keep_alive\": 0"},
    [STATE_SOURCE_VLLM] = {.lists = "/v1/models", .sleeps = "/is_sleeping"},
};

const struct known_state *known_state(enum state_source source)
{
    return &table[source];
}

/* As a part of a path: letters, digits, and what RFC 3986 calls unreserved. A '/' stays. */
static void add_segment(struct text *text, const char *name)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

    for (; *name; name++) {
        if (strchr(plain, *name))
            text_add_char(text, *name);
        else
            text_printf(text, "%%%02X", (unsigned char)*name);
    }
}

static void make(const char *path, const char *model, const char *further,
                 struct known_state_request *request)
{
    struct text whole = {0};

    text_add_string(&whole, path);
    if (path[strlen(path) - 1] == '/')
        add_segment(&whole, model);
    request->path = text_take(&whole);
    text_add_string(&request->body, "{\"model\": ");
    text_add_json(&request->body, model);
    text_add_string(&request->body, further ? further : "");
    text_add_char(&request->body, '}');
}

bool known_state_unload(enum state_source source, const char *model,
                        struct known_state_request *request)
{
    const struct known_state *known = known_state(source);

    *request = (struct known_state_request){0};
    if (known->unload)
        make(known->unload, model, known->unloading, request);
    return known->unload != NULL;
}

bool known_state_load(enum state_source source, const char *model,
                      struct known_state_request *request)
{
    const struct known_state *known = known_state(source);
    char *path;

    *request = (struct known_state_request){0};
    if (!known->load)
        return false;
    make(known->load, model, NULL, request);
    request->is_get = known->load_end != NULL;
    path = memory_printf("%s%s", request->path, known->load_end ? known->load_end : "");
    free(request->path);
    request->path = path;
    return true;
}

void known_state_request_clear(struct known_state_request *request)
{
    free(request->path);
    text_clear(&request->body);
    *request = (struct known_state_request){0};
}

static void add_cell(struct text *text, const char *method, const char *path, const char *behind)
{
    text_add_string(text, " |");
    if (path)
        text_printf(text, " `%s %s%s%s`", method, path,
                    path[strlen(path) - 1] == '/' ? "MODEL" : "", behind ? behind : "");
    else
        text_add_string(text, " –");
}

void known_state_add_table(struct text *text)
{
    for (int source = STATE_SOURCE_LLAMA_CPP; source < STATE_SOURCES; source++) {
        const struct known_state *known = &table[source];

        text_printf(text, "| `%s`", state_source_words[source]);
        add_cell(text, "GET", known->lists, NULL);
        add_cell(text, "GET", known->events, NULL);
        add_cell(text, known->load_end ? "GET" : "POST", known->load, known->load_end);
        add_cell(text, "POST", known->unload, NULL);
        text_add_string(text, " |\n");
    }
}
