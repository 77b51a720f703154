/* What loads and unloads experts from outside, by the paths of known servers.
 *
 * llama.cpp's router: POST /models/load, POST /models/unload {"model"}: at once; what is loaded
 * already, or is not, is refused. llama-swap: POST /api/models/unload (all), POST
 * /api/models/unload/MODEL, and GET /upstream/MODEL/health, which loads it. Ollama: POST
 * /api/generate {"model"}, which loads it, with "keep_alive": 0 unloads it. All respond at once,
 * while a load goes on, which the lists of models show; Ollama's own responds once it is over. What
 * a batch runs of is not unloaded, and refused. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "sim/models.h"
#include "sim/refusal.h"

struct cJSON;

/* Each adds the response to a request, whose path is behind its service's own in `rest`; false and
 * a refusal where it is not carried out. */
bool control_load(const struct models_view *view, const char *rest, const struct cJSON *body,
                  struct text *json, struct refusal *refusal);
bool control_unload(const struct models_view *view, const char *rest, const struct cJSON *body,
                    struct text *json, struct refusal *refusal);
bool control_unload_all(const struct models_view *view, const char *rest, const struct cJSON *body,
                        struct text *json, struct refusal *refusal);
bool control_unload_named(const struct models_view *view, const char *rest,
                          const struct cJSON *body, struct text *json, struct refusal *refusal);
bool control_load_named(const struct models_view *view, const char *rest, const struct cJSON *body,
                        struct text *json, struct refusal *refusal);
bool control_generate(const struct models_view *view, const char *rest, const struct cJSON *body,
                      struct text *json, struct refusal *refusal);

#endif
