#include "sim/route.h"

#include <cJSON.h>
#include <string.h>

#include "sim/anthropic.h"
#include "sim/count.h"
#include "sim/dialect.h"
#include "sim/models.h"

typedef void add_list(struct text *json, const struct node_file *file);

static void add_version(struct text *json, const struct node_file *file)
{
    (void)file;
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
} services[] = {
    {"/v1/models", "GET", &sim_openai, models_add, NULL},
    {"/v1/messages/count_tokens", "POST", &sim_openai, NULL, count_message_tokens},
    {"/tokenize", "POST", &sim_openai, NULL, count_tokenize},
    {"/api/tags", "GET", &sim_ollama, models_add_tags, NULL},
    {"/api/version", "GET", &sim_ollama, add_version, NULL},
    {"/info", "GET", &sim_tgi, models_add_info, NULL},
    {"/metrics", "GET", &sim_ollama, NULL, NULL}, /* the server's own: without a key */
};

/* What a path leads to: a dialect in which questions are put, or a service. */
struct place {
    const char *method;                /* NULL: it leads to nothing */
    const struct sim_dialect *dialect; /* for a service, and for nothing, that of refusals */
    const struct service *service;     /* NULL: questions are put */
    bool stream;                       /* what the path says of the response */
};

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
        if (strcmp(path, services[i].path) == 0) {
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

static bool serve(const struct service *service, const struct node_file *file, const char *body,
                  size_t length, struct text *json, struct refusal *refusal)
{
    cJSON *object;
    bool done;

    if (service->list)
        service->list(json, file);
    if (!service->response)
        return true;
    object = cJSON_ParseWithLength(body, length);
    done = cJSON_IsObject(object)
               ? service->response(file, object, json, refusal)
               : refuse(refusal, 400, "invalid_json", NULL, "The body is not a JSON object.");

    cJSON_Delete(object);
    return done;
}

int route_request(const struct node_file *file, const char *key, const struct http_request *request,
                  const char *body, struct question *question, struct text *json)
{
    const struct place place = find_place(request->path);
    struct question asked = {.dialect = place.dialect, .stream = place.stream};
    size_t length = request->body_length;
    struct refusal refusal;

    if (!takes_method(&place, request, &refusal) || !bears_key(&place, key, request, &refusal) ||
        (place.dialect->accepts && !place.dialect->accepts(request, &refusal)) ||
        !(place.service ? serve(place.service, file, body, length, json, &refusal)
                        : question_read(file, body, length, &asked, &refusal))) {
        place.dialect->add_refusal(json, &refusal);
        return refusal.status;
    }
    if (place.service)
        return place.service->list || place.service->response ? 200 : ROUTE_METRICS;
    *question = asked;
    return ROUTE_ASKS;
}
