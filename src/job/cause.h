/* Causes of failure for which a run is not worth going on with: no other row would fare better. */
#ifndef JOB_CAUSE_H
#define JOB_CAUSE_H

#include <stdbool.h>

#include "core/text.h"
#include "job/prepare.h"

enum cause {
    CAUSE_NONE,
    CAUSE_CONNECTION, /* refused, no such host, no TLS: nothing gets through */
    CAUSE_KEY,        /* 401 or 403: of one model (gateways refuse so), or of all */
};

/* Of an error code, "401" or a word (request_end_words). */
enum cause cause_of(const char *code);

/* Adds why, for people: "401: the endpoint refuses the key from SAMBANOVA_API_KEY". */
void cause_add_words(const struct preparation *preparation, const char *code, struct text *text);

/* Whether such a cause shows before anything is sent to a model: asks for the list of models, where
 * that has not been asked for (listing.h), or, where the dialect has none, for what touches no
 * model, of which only the connection counts. Why is added to `why`, as above,
 * with what was said of the request. */
bool cause_shows(const struct preparation *preparation, struct text *why);

#endif
