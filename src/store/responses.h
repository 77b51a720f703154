/* `<name>_individual_responses.json` and `<name>_probe.json` read back: what was measured of each
 * request of a step. The starter kit's own files can be read too. */
#ifndef STORE_RESPONSES_H
#define STORE_RESPONSES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "record/request.h"
#include "record/step.h"

struct responses {
    struct outcome *outcome; /* in the file's order: as they were sent; NAN for what is null or not
                              * there. Moments of the kit's files count from midnight */
    size_t *chunks;          /* how many arrived of each */
    size_t count;
};

/* Reads the first `most` responses of a part of step `name` in the run directory `folder`; the file
 * is read no further. Clear `responses` either way. */
bool responses_read(const char *folder, const char *name, enum step_part part, size_t most,
                    struct responses *responses, struct error *error);

void responses_clear(struct responses *responses);

#endif
