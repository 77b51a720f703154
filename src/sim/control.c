#include "sim/control.h"

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "sim/question.h"

/* NULL and a refusal where there is none of that name. */
static const struct bundle_expert *find(const struct models_view *view, const char *name,
                                        struct refusal *refusal)
{
    const struct bundle *bundle = &view->file->bundle;

    for (size_t i = 0; name && i < bundle->experts.count; i++) {
        if (strcmp(bundle_expert(bundle, i)->name, name) == 0)
            return bundle_expert(bundle, i);
    }
    refuse(refusal, 404, "model_not_found", "model", "There is no model '%.200s'.",
           name ? name : "");
    return NULL;
}

static bool in_use(struct refusal *refusal, const char *name)
{
    return refuse(refusal, 400, "model_in_use", "model", "'%.200s' is in use.", name);
}

static enum node_state state_of(const struct models_view *view, const struct bundle_expert *expert)
{
    return node_state(view->node, expert, view->now_ns);
}

static bool load(const struct models_view *view, const struct bundle_expert *expert,
                 struct refusal *refusal)
{
    return node_load(view->node, expert, view->now_ns) ||
           refuse(refusal, 500, "no_room", "model", "There is no room for '%.200s'.", expert->name);
}

static bool unload(const struct models_view *view, const struct bundle_expert *expert,
                   struct refusal *refusal)
{
    if (node_uses(view->node, expert, view->now_ns))
        return in_use(refusal, expert->name);
    node_unload(view->node, expert);
    return true;
}

static const char *name_in(const cJSON *body)
{
    return cJSON_GetStringValue(question_member(body, "model"));
}

bool control_load(const struct models_view *view, const char *rest, const cJSON *body,
                  struct text *json, struct refusal *refusal)
{
    const struct bundle_expert *expert = find(view, name_in(body), refusal);

    (void)rest;
    text_add_string(json, "{\"success\":true}");
    if (!expert)
        return false;
    if (state_of(view, expert) != NODE_UNLOADED)
        return refuse(refusal, 400, "invalid_request_error", "model", "The model is loaded.");
    return load(view, expert, refusal);
}

bool control_unload(const struct models_view *view, const char *rest, const cJSON *body,
                    struct text *json, struct refusal *refusal)
{
    const struct bundle_expert *expert = find(view, name_in(body), refusal);

    (void)rest;
    text_add_string(json, "{\"success\":true}");
    if (!expert)
        return false;
    if (state_of(view, expert) == NODE_UNLOADED)
        return refuse(refusal, 400, "invalid_request_error", "model", "The model is not loaded.");
    return unload(view, expert, refusal);
}

bool control_unload_all(const struct models_view *view, const char *rest, const cJSON *body,
                        struct text *json, struct refusal *refusal)
{
    const struct bundle *bundle = &view->file->bundle;

    (void)rest;
    (void)body;
    text_add_string(json, "{\"msg\":\"ok\"}");
    for (size_t i = 0; i < bundle->experts.count; i++) {
        if (node_uses(view->node, bundle_expert(bundle, i), view->now_ns))
            return in_use(refusal, bundle_expert(bundle, i)->name);
    }
    node_unload(view->node, NULL);
    return true;
}

bool control_unload_named(const struct models_view *view, const char *rest, const cJSON *body,
                          struct text *json, struct refusal *refusal)
{
    const struct bundle_expert *expert = find(view, rest, refusal);

    (void)body;
    text_add_string(json, "\"OK\"");
    return expert && unload(view, expert, refusal);
}

bool control_load_named(const struct models_view *view, const char *rest, const cJSON *body,
                        struct text *json, struct refusal *refusal)
{
    char *name = memory_bytes(rest, strcspn(rest, "/"));
    const struct bundle_expert *expert = find(view, name, refusal);

    (void)body;
    free(name);
    text_add_string(json, "{\"status\":\"ok\"}");
    return expert && (state_of(view, expert) != NODE_UNLOADED || load(view, expert, refusal));
}

bool control_generate(const struct models_view *view, const char *rest, const cJSON *body,
                      struct text *json, struct refusal *refusal)
{
    const struct bundle_expert *expert = find(view, name_in(body), refusal);
    const cJSON *stay = question_member(body, "keep_alive");
    bool unloads = cJSON_IsNumber(stay) && stay->valuedouble == 0;

    (void)rest;
    if (!expert)
        return false;
    text_add_string(json, "{\"model\":");
    text_add_json(json, expert->name);
    text_printf(json, ",\"response\":\"\",\"done\":true,\"done_reason\":\"%s\"}",
                unloads ? "unload" : "load");
    if (unloads)
        return unload(view, expert, refusal);
    return state_of(view, expert) != NODE_UNLOADED || load(view, expert, refusal);
}
