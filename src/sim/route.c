#include "sim/route.h"

#include <string.h>

#include "sim/speech.h"

/* What a handler is given to work on. */
struct visit {
    const struct bundle *bundle;
    const struct http_request *request;
    const char *body;
    struct question *question;
    struct text *json;
};

static int say_no(const struct visit *visit, const struct refusal *refusal)
{
    speech_add_error(visit->json, refusal);
    return refusal->status;
}

static int list_models(const struct visit *visit)
{
    speech_add_models(visit->json, visit->bundle);
    return 200;
}

static int complete_chat(const struct visit *visit)
{
    struct refusal refusal;

    if (question_read(visit->bundle, visit->body, visit->request->body_length, visit->question,
                      &refusal))
        return ROUTE_ASKS;
    return say_no(visit, &refusal);
}

static const struct route {
    const char *method;
    const char *path;
    int (*visit)(const struct visit *visit);
} routes[] = {
    {"GET", "/v1/models", list_models},
    {"POST", "/v1/chat/completions", complete_chat},
};

static const struct route *find_route(const struct http_request *request, struct refusal *refusal)
{
    const struct route *near = NULL;

    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(routes[i].path, request->path) != 0)
            continue;
        near = &routes[i];
        if (strcmp(near->method, request->method) == 0)
            return near;
    }
    if (near)
        refuse(refusal, 405, "method_not_allowed", NULL, "%s takes %s, not %s.", near->path,
               near->method, request->method);
    else
        refuse(refusal, 404, "not_found", NULL, "There is nothing at %.200s.", request->path);
    return NULL;
}

static bool bears_key(const char *key, const struct http_request *request, struct refusal *refusal)
{
    static const char scheme[] = "Bearer ";
    const size_t length = sizeof scheme - 1;

    if (strncmp(request->authorization, scheme, length) == 0 &&
        strcmp(request->authorization + length, key) == 0)
        return true;
    return refuse(refusal, 401, "invalid_authentication", NULL,
                  "The API key is missing or wrong; send it as 'Authorization: Bearer KEY'.");
}

int route_request(const struct bundle *bundle, const char *key, const struct http_request *request,
                  const char *body, struct question *question, struct text *json)
{
    const struct visit visit = {bundle, request, body, question, json};
    struct refusal refusal;
    const struct route *route = find_route(request, &refusal);

    if (route && bears_key(key, request, &refusal))
        return route->visit(&visit);
    return say_no(&visit, &refusal);
}
