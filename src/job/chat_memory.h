/* What the first answer after another model cost, as far as this conversation's own responses tell.
 *
 * A model that responses right after another may have to be loaded first, and the user waits for
 * it. The estimate is the TTFT of that response less the median TTFT of the same model's other
 * responses: of up to CHAT_REFERENCES that came right after a response of its own, were asked for
 * while nothing else was, and had prompts of about the same length (at most twice as long or half
 * as long, or CHAT_ALIKE_TOKENS apart). It is a difference of single responses, not a measured
 * switch: a run with a study tells that (stats/study.h).
 *
 * Nothing is claimed where there is no such response yet; once there is one, the claim is made for
 * the first response that waited for it. Nothing either where two responses were under way at once,
 * where nobody knows which model was asked last (the first response of all; behind a failure), or
 * where the TTFT is not known. What others ask the endpoint nobody knows here. */
#ifndef JOB_CHAT_MEMORY_H
#define JOB_CHAT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAT_REFERENCES = 8, CHAT_ALIKE_TOKENS = 256 };

struct chat_memory;

struct chat_memory *chat_memory_new(void);
void chat_memory_free(struct chat_memory *memory); /* NULL is fine */

/* A claim. */
struct chat_switch {
    bool known;
    bool earlier;   /* it is about the model's response before this one */
    double extra_s; /* may be below 0 */
    size_t against; /* how many responses it is compared with */
};

/* A request under way; its fields are this module's own. */
struct chat_visit {
    size_t model;
    bool known, after_another, alone;
    uint64_t begun;
};

/* Begins a request to a model of the endpoint; of another endpoint all is forgotten first. Any
 * thread may call these. */
struct chat_visit chat_memory_begin(struct chat_memory *memory, const char *endpoint,
                                    const char *model);

/* Ends it; each request that began is to end. `ttft_s` and `tokens` of the prompt are NAN where
 * they are not known; `responded` tells whether any text came. */
struct chat_switch chat_memory_end(struct chat_memory *memory, const struct chat_visit *visit,
                                   bool responded, double ttft_s, double tokens);

#endif
