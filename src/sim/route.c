#include "sim/route.h"

#include <cJSON.h>
#include <string.h>

#include "sim/count.h"
#include "sim/dialect.h"
#include "sim/models.h"

static bool list_models(const struct node_file *file, const cJSON *body, struct text *json,
                        struct refusal *refusal)
{
    (void)body;
    (void)refusal;
    models_add(json, file);
    return true;
}

/* What gets a response at once, without the node; a POST's body is a JSON object. */
static const struct service {
    const char *path, *method;
    bool (*response)(const struct node_file *file, const cJSON *body, struct text *json,
                     struct refusal *refusal);
} services[] = {
    {"/v1/models", "GET", list_models},
    {"/v1/messages/count_tokens", "POST", count_message_tokens},
    {"/tokenize", "POST", count_tokenize},
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
    const char *borne = place->dialect->key(request);

    if (borne && strcmp(borne, key) == 0)
        return true;
    return refuse(refusal, 401, "invalid_authentication", NULL,
                  "The API key is missing or wrong; send it as '%s'.", place->dialect->key_form);
}

static bool serve(const struct service *service, const struct node_file *file, const char *body,
                  size_t length, struct text *json, struct refusal *refusal)
{
    cJSON *object = cJSON_ParseWithLength(body, length);
    bool needs_object = strcmp(service->method, "POST") == 0;
    bool done = cJSON_IsObject(object) || !needs_object
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
        !(place.service ? serve(place.service, file, body, length, json, &refusal)
                        : question_read(file, body, length, &asked, &refusal))) {
        place.dialect->add_refusal(json, &refusal);
        return refusal.status;
    }
    if (place.service)
        return 200;
    *question = asked;
    return ROUTE_ASKS;
}
