#include "sim/models.h"

#include <inttypes.h>

const char *const models_states[] = {"unloaded", "loading", "loaded"};

/* As llama.cpp's router tells it; ends the model's object. */
static void add_state(struct text *json, const struct models_view *view,
                      const struct bundle_expert *expert)
{
    if (view->node)
        text_printf(json, ",\"status\":{\"value\":\"%s\"}",
                    models_states[node_state(view->node, expert, view->now_ns)]);
    text_add_char(json, '}');
}

void models_add(struct text *json, const struct models_view *view)
{
    text_add_string(json, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < view->file->bundle.experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(&view->file->bundle, i);
        int64_t longest = bundle_tier(expert, expert->tiers.count - 1)->tokens;

        text_add_string(json, i > 0 ? ",{\"id\":" : "{\"id\":");
        text_add_json(json, expert->name);
        text_printf(json,
                    ",\"object\":\"model\",\"type\":\"model\",\"created\":0,"
                    "\"created_at\":\"1970-01-01T00:00:00Z\",\"display_name\":\"\","
                    "\"owned_by\":\"coebench-simulator\","
                    "\"context_length\":%" PRId64 ",\"max_completion_tokens\":%" PRId64,
                    longest, longest);
        add_state(json, view, expert);
    }
    text_add_string(json, "],\"has_more\":false}");
}

void models_add_tags(struct text *json, const struct models_view *view)
{
    text_add_string(json, "{\"models\":[");
    for (size_t i = 0; i < view->file->bundle.experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(&view->file->bundle, i);

        text_add_string(json, i > 0 ? ",{\"name\":" : "{\"name\":");
        text_add_json(json, expert->name);
        text_add_string(json, ",\"model\":");
        text_add_json(json, expert->name);
        text_printf(json,
                    ",\"modified_at\":\"1970-01-01T00:00:00Z\",\"size\":%.0f,"
                    "\"digest\":\"\",\"details\":{\"format\":\"gguf\"}}",
                    expert->weight_gb * 1e9);
    }
    text_add_string(json, "]}");
}

void models_add_info(struct text *json, const struct models_view *view)
{
    const struct bundle_expert *expert = bundle_expert(&view->file->bundle, 0);

    text_add_string(json, "{\"model_id\":");
    text_add_json(json, expert->name);
    text_printf(json, ",\"max_total_tokens\":%" PRId64 ",\"version\":\"0.0.0\"}",
                bundle_tier(expert, expert->tiers.count - 1)->tokens);
}

/* Adds each expert that is loaded, or being loaded where `loading`. */
static void add_resident(struct text *json, const struct models_view *view, bool loading,
                         void (*add)(struct text *json, const struct bundle_expert *expert,
                                     enum node_state state))
{
    bool any = false;

    for (size_t i = 0; i < view->file->bundle.experts.count && view->node; i++) {
        const struct bundle_expert *expert = bundle_expert(&view->file->bundle, i);
        enum node_state state = node_state(view->node, expert, view->now_ns);

        if (state != NODE_LOADED && !(loading && state == NODE_LOADING))
            continue;
        text_add_string(json, any ? "," : "");
        add(json, expert, state);
        any = true;
    }
}

static void add_running(struct text *json, const struct bundle_expert *expert,
                        enum node_state state)
{
    text_add_string(json, "{\"model\":");
    text_add_json(json, expert->name);
    text_printf(json, ",\"state\":\"%s\"}", state == NODE_LOADED ? "ready" : "starting");
}

void models_add_running(struct text *json, const struct models_view *view)
{
    text_add_string(json, "{\"running\":[");
    add_resident(json, view, true, add_running);
    text_add_string(json, "]}");
}

static void add_process(struct text *json, const struct bundle_expert *expert,
                        enum node_state state)
{
    (void)state;
    text_add_string(json, "{\"name\":");
    text_add_json(json, expert->name);
    text_add_string(json, ",\"model\":");
    text_add_json(json, expert->name);
    text_printf(json, ",\"size\":%.0f,\"size_vram\":%.0f}", expert->weight_gb * 1e9,
                expert->weight_gb * 1e9);
}

void models_add_processes(struct text *json, const struct models_view *view)
{
    text_add_string(json, "{\"models\":[");
    add_resident(json, view, false, add_process);
    text_add_string(json, "]}");
}
