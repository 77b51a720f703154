/* What is known of how each model counts, kept from run to run in a file of JSON
 * (<output_files_dir>/.calibration.json). Where the file is not there, nothing is known yet. */
#ifndef PROMPT_CALIBRATION_H
#define PROMPT_CALIBRATION_H

#include <stddef.h>

#include "core/error.h"
#include "prompt/counting.h"

/* Counts differ by endpoint, by what that says of itself (another bundle may stand at the same
 * address; "" where it says nothing), by model, and by what else is in the prompt: a picture's
 * size, a text's name ("" where all of it is words). */
struct calibration {
    char *base_url, *endpoint_says, *model, *kind;
    struct counting counting;
    char *learned_at; /* UTC, for people */
};

struct calibrations {
    struct calibration *calibration;
    size_t count;
};

/* Reads the file; one that is not there is no fault. False with a sentence where it is broken.
 * Entries that no server can have taught (counting_is_believed) are left out. Clear `calibrations`
 * either way. */
bool calibrations_read(const char *path, struct calibrations *calibrations, struct error *error);

/* What is known; NULL: nothing. Where it is not known what the endpoint says (NULL), the latest of
 * all that fit. It stands until the next calibrations_put. */
const struct counting *calibrations_find(const struct calibrations *calibrations,
                                         const char *base_url, const char *endpoint_says,
                                         const char *model, const char *kind);

/* Puts what was learned in the place of what was known. */
void calibrations_put(struct calibrations *calibrations, const char *base_url,
                      const char *endpoint_says, const char *model, const char *kind,
                      const struct counting *counting);

/* Replaces the file by one that also holds what others have put there since. */
bool calibrations_write(const struct calibrations *calibrations, const char *path,
                        struct error *error);

void calibrations_clear(struct calibrations *calibrations);

#endif
