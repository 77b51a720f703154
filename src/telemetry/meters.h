/* What a run tells of itself while it lasts, as Prometheus' text (prometheus.io/docs/instrumenting/
 * exposition_formats, 0.0.4), for people who watch it beside the server's own metrics.
 *
 * Names, labels and bounds are those of OpenTelemetry's conventions for generative AI where these
 * have one (github.com/open-telemetry/semantic-conventions-genai, gen-ai-metrics.md), as Prometheus
 * writes them; the others begin with "coebench_". A `gen_ai_server_…` is what this client saw of
 * the server. Every attempt counts, those of probe, warm-up and cool-down under a part of their
 * own.
 *
 * Who sends adds under a lock that is held for the time of an addition; who reads holds it while
 * he takes a copy. Every function takes a NULL, and does nothing then. */
#ifndef TELEMETRY_METERS_H
#define TELEMETRY_METERS_H

#include <stddef.h>

#include "core/text.h"
#include "record/request.h"
#include "record/row.h"

struct meters;
struct metered_step;

/* What stays the same all along; the texts are copied. */
struct meters_about {
    const char *endpoint;  /* its address, as it may be shown */
    const char *operation; /* gen_ai.operation.name: "chat", "text_completion" */
    const char *provider;  /* gen_ai.provider.name: the kind of endpoint */
    size_t steps;          /* that are planned; 0: nobody knows */
};

/* Free with meters_free, when nobody adds or reads any more. */
struct meters *meters_new(const struct meters_about *about);
void meters_free(struct meters *meters);

/* The run has its name now. */
void meters_name_run(struct meters *meters, const char *name);

/* A step begins; what is to be given with all that it sends. The row outlives the step. */
struct metered_step *meters_begin_step(struct meters *meters, const struct row *row, size_t index);

/* An attempt at a request has ended: "load", "probe", "warmup" or "cooldown". From any thread. */
void meters_take(struct metered_step *step, const char *part, const struct request *request,
                 const struct figures *figures);

/* How far the step's load is. */
void meters_show(struct metered_step *step, size_t in_flight, double elapsed_s);

/* The step has ended; a `switching_time_s` that is known is the last of its model. Frees it. */
void meters_end_step(struct metered_step *step, double switching_time_s);

/* Adds all of it to `text`. */
void meters_write(struct meters *meters, struct text *text);

#endif
