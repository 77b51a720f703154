/* Retries: how long a failed request waits until it is sent again, and how long no new one is sent
 * after connections that did not get established; inside this room. */
#ifndef LOAD_RETRY_H
#define LOAD_RETRY_H

#include <stddef.h>
#include <stdint.h>

#include "record/request.h"
#include "record/retry.h"

/* In seconds: as long as the server asks for; else half a second, and twice that for each attempt
 * more, times 0.5 to 1.5, drawn from seed, step, request and attempt, since who failed together
 * should not come together. NAN where the request is not sent again: it did not fail, not by a code
 * that is named, too often, or the server asks for more than max_wait. `retry` may be NULL. */
double retry_delay_s(const struct retry *retry, const struct request *request, uint64_t seed,
                     uint64_t step);

/* A tenth of a second, and twice that for each wave of connections that failed after it, up to five
 * seconds; those that were under way together are one wave. */
struct quiet {
    size_t waves;
    int64_t until_ns; /* 0: no connection has failed */
};

/* Takes in how a request ended; one that found its server ends the quiet. */
void quiet_note(struct quiet *quiet, const struct request *request, int64_t now_ns);

#endif
