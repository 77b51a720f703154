#include "sim/route.h"

#include <string.h>

#include "sim/dialect.h"
#include "sim/models.h"

static const char models_path[] = "/v1/models";

/* What a path leads to: a dialect in which questions are put, or the list of models. */
struct place {
    const char *method;                /* NULL: it leads to nothing */
    const struct sim_dialect *dialect; /* for the list, and for nothing, that of refusals */
    bool lists;                        /* the models; else questions are put */
    bool stream;                       /* what the path says of the answer */
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
    place.lists = strcmp(path, models_path) == 0;
    place.method = place.lists ? "GET" : NULL;
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

int route_request(const struct bundle *bundle, const char *key, const struct http_request *request,
                  const char *body, struct question *question, struct text *json)
{
    const struct place place = find_place(request->path);
    struct question asked = {.dialect = place.dialect, .stream = place.stream};
    struct refusal refusal;

    if (!takes_method(&place, request, &refusal) || !bears_key(&place, key, request, &refusal) ||
        (!place.lists && !question_read(bundle, body, request->body_length, &asked, &refusal))) {
        place.dialect->add_refusal(json, &refusal);
        return refusal.status;
    }
    if (place.lists) {
        models_add(json, bundle);
        return 200;
    }
    *question = asked;
    return ROUTE_ASKS;
}
