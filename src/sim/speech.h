/* What is said, in the OpenAI-compatible dialect with SambaNova's own measurements in `usage`
 * (formats.md, 4a): JSON and server-sent events, without the HTTP around them. Other dialects get a
 * speech of their own. */
#ifndef SIM_SPEECH_H
#define SIM_SPEECH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"
#include "core/text.h"
#include "sim/node.h"
#include "sim/refusal.h"

/* One answer's own things; the words follow from the seed, the request's number and their place. */
struct speech {
    const struct bundle *bundle;
    const struct node_request *request; /* started, but for speech_init */
    uint64_t seed;
    int64_t created_s; /* since 1970 */
    double started_s;  /* since 1970, when the batch started; set before usage is said */
    char id[32];
};

/* Begins an answer to a submitted request; both pointers must outlive the speech. */
void speech_init(struct speech *speech, const struct bundle *bundle,
                 const struct node_request *request, uint64_t seed, int64_t wall_ns);

/* Adds the event of token `k`, from 0. The role rides on each, as SambaNova sends it. */
void speech_add_token(struct text *event, const struct speech *speech, int64_t k);

/* Adds the event that says why the answer ends. */
void speech_add_finish(struct text *event, const struct speech *speech);

/* Adds the event of the server's measurements. */
void speech_add_usage(struct text *event, const struct speech *speech);

/* Adds the event that ends a stream. */
void speech_add_done(struct text *event);

/* Adds the whole answer as one JSON object, usage included. */
void speech_add_completion(struct text *json, const struct speech *speech);

/* Adds the list of models, each with its largest tier. */
void speech_add_models(struct text *json, const struct bundle *bundle);

/* Adds the envelope of an error. */
void speech_add_error(struct text *json, const struct refusal *refusal);

#endif
