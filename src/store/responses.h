/* `<name>_individual_responses.json` read back: what was measured of each request of a step. */
#ifndef STORE_RESPONSES_H
#define STORE_RESPONSES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "record/request.h"

struct response {
    bool completed;         /* its error_code is null */
    struct figures figures; /* by the metrics' keys; NAN for what is null or not there */
    size_t chunks;          /* how many arrived */
};

struct responses {
    struct response *response; /* in the file's order: as they were sent */
    size_t count;
};

/* Reads the responses of the step `name` in the run directory `folder`. Clear `responses` either
 * way. */
bool responses_read(const char *folder, const char *name, struct responses *responses,
                    struct error *error);

void responses_clear(struct responses *responses);

#endif
