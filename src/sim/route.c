#include "sim/route.h"

#include <cJSON.h>
#include <string.h>

#include "sim/anthropic.h"
#include "sim/control.h"
#include "sim/count.h"
#include "sim/dialect.h"
#include "sim/models.h"

typedef void add_list(struct text *json, const struct models_view *view);
typedef bool carry_out(const struct models_view *view, const char *rest, const cJSON *body,
                       struct text *json, struct refusal *refusal);

static void add_version(struct text *json, const struct models_view *view)
{
    (void)view;
    text_add_string(json, "{\"version\":\"0.0.0\"}");
}

/* What gets a response at once, without the node: a list, or what a POST's body, a JSON object,
 * asks for. */
static const struct service {
    const char *path, *method;
    const struct sim_dialect *dialect; /* of refusals; one that asks for no key: nor does this */
    add_list *list;
    bool (*response)(const struct node_file *file, const cJSON *body, struct text *json,
                     struct refusal *refusal);
    carry_out *control; /* needs a node; one whose path ends with '/' takes what follows it */
    int handed_on;      /* the server's own: what route_request returns */
} services[] = {
    {"/v1/models", "GET", &sim_openai, .list = models_add},
    {"/models", "GET", &sim_openai, .list = models_add},
    {"/models/load", "POST", &sim_openai, .control = control_load},
    {"/models/unload", "POST", &sim_openai, .control = control_unload},
    {"/models/sse", "GET", &sim_openai, .handed_on = ROUTE_EVENTS},
    {"/api/events", "GET", &sim_openai, .handed_on = ROUTE_SWAP_EVENTS},
    {"/running", "GET", &sim_openai, .list = models_add_running},
    {"/api/models/unload", "POST", &sim_openai, .control = control_unload_all},
    {"/api/models/unload/", "POST", &sim_openai, .control = control_unload_named},
    {"/upstream/", "GET", &sim_openai, .control = control_load_named},
    {"/v1/messages/count_tokens", "POST", &sim_openai, .response = count_message_tokens},
    {"/tokenize", "POST", &sim_openai, .response = count_tokenize},
    {"/api/tags", "GET", &sim_ollama, .list = models_add_tags},
    {"/api/ps", "GET", &sim_ollama, .list = models_add_processes},
    {"/api/generate", "POST", &sim_ollama, .control = control_generate},
    {"/api/version", "GET", &sim_ollama, .list = add_version},
    {"/info", "GET", &sim_tgi, .list = models_add_info},
    {"/metrics", "GET", &sim_ollama, .handed_on = ROUTE_METRICS}, /* without a key */
};

/* What a path leads to: a dialect in which questions are put, or a service. */
struct place {
    const char *method;                /* NULL: it leads to nothing */
    const struct sim_dialect *dialect; /* for a service, and for nothing, that of refusals */
    const struct service *service;     /* NULL: questions are put */
    bool stream;                       /* what the path says of the response */
};

/* Where `path` goes on behind the service's own; NULL: it is another's. */
static const char *rest_of(const struct service *service, const char *path)
{
    size_t length = strlen(service->path);
    bool goes_on = service->path[length - 1] == '/';

    if (strncmp(path, service->path, length) != 0 || (!goes_on && path[length] != '\0') ||
        (goes_on && path[length] == '\0'))
        return NULL;
    return path + length;
}

static struct place find_place(const char *path)
{
    struct place place = {0};

    place.dialect = sim_dialect_find(path, &place.stream);
    if (place.dialect) {
        place.method = "POST";
        return place;
    }
    place.dialect = &sim_openai;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        if (rest_of(&services[i], path)) {
            place.service = &services[i];
            place.dialect = services[i].dialect;
            place.method = services[i].method;
        }
    }
    return place;
}

static bool takes_method(const struct place *place, const struct http_request *request,
                         struct refusal *refusal)
{
    if (!place->method)
        return refuse(refusal, 404, "not_found", NULL, "There is nothing at %.200s.",
                      request->path);
    if (strcmp(place->method, request->method) != 0)
        return refuse(refusal, 405, "method_not_allowed", NULL, "%.200s takes %s, not %s.",
                      request->path, place->method, request->method);
    return true;
}

static bool bears_key(const struct place *place, const char *key,
                      const struct http_request *request, struct refusal *refusal)
{
    const char *borne, *other;

    if (!place->dialect->key)
        return true;
    borne = place->dialect->key(request);
    other = place->service ? sim_anthropic_key(request) : NULL; /* OpenAI's paths are its too */
    if ((borne && strcmp(borne, key) == 0) || (other && strcmp(other, key) == 0))
        return true;
    return refuse(refusal, 401, "invalid_authentication", NULL,
                  "The API key is missing or wrong; send it as '%s'.", place->dialect->key_form);
}

/* A refusal is the whole response. */
static bool control(const struct service *service, const struct models_view *view,
                    const struct http_request *request, const cJSON *body, struct text *json,
                    struct refusal *refusal)
{
    if (!view->node)
        return refuse(refusal, 404, "not_found", NULL, "Nothing is loaded or unloaded here.");
    if (service->control(view, rest_of(service, request->path), body, json, refusal))
        return true;
    text_reset(json);
    return false;
}

static bool serve(const struct service *service, const struct models_view *view,
                  const struct http_request *request, const char *body, struct text *json,
                  struct refusal *refusal)
{
    cJSON *object;
    bool done;

    if (service->handed_on >= ROUTE_EVENTS && !view->node)
        return refuse(refusal, 404, "not_found", NULL, "Nothing is loaded or unloaded here.");
    if (service->list)
        service->list(json, view);
    if (!service->response && !service->control)
        return true;
    object = service->control && request->body_length == 0
                 ? cJSON_CreateObject()
                 : cJSON_ParseWithLength(body, request->body_length);
    if (!cJSON_IsObject(object))
        done = refuse(refusal, 400, "invalid_json", NULL, "The body is not a JSON object.");
    else if (service->control)
        done = control(service, view, request, object, json, refusal);
    else
        done = service->response(view->file, object, json, refusal);
    cJSON_Delete(object);
    return done;
}

int route_request(const struct models_view *view, const char *key,
                  const struct http_request *request, const char *body, struct question *question,
                  struct text *json)
{
    const struct place place = find_place(request->path);
    struct question asked = {.dialect = place.dialect, .stream = place.stream};
    struct refusal refusal;

    if (!takes_method(&place, request, &refusal) || !bears_key(&place, key, request, &refusal) ||
        (place.dialect->accepts && !place.dialect->accepts(request, &refusal)) ||
        !(place.service
              ? serve(place.service, view, request, body, json, &refusal)
              : question_read(view->file, body, request->body_length, &asked, &refusal))) {
        place.dialect->add_refusal(json, &refusal);
        return refusal.status;
    }
    if (place.service)
        return place.service->handed_on ? place.service->handed_on : 200;
    *question = asked;
    return ROUTE_ASKS;
}
