/* `<name>_individual_responses.json`, `<name>_probe.json` and `<name>_phases.json` read back: what
 * was measured of each request of a step. The starter kit's own files can be read too. */
#ifndef STORE_RESPONSES_H
#define STORE_RESPONSES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"
#include "record/request.h"
#include "record/step.h"

/* One response after another, so that a file of any length needs room for one. */
struct response_reader;

struct response {
    struct outcome outcome; /* NAN for what is null or not there. Moments of the kit's files count
                             * from midnight of the day the step began */
    size_t chunks;          /* how many arrived */
    double chunks_s;        /* from the start to the last of them; NAN: none arrived */
    char code[ERROR_CODE];  /* why it failed: "429", "timeout", or the sentence that the kit writes
                             * in its place; "" where it completed */
    const char *message;    /* why it failed, "" where it did not; until the next is read */
    double rank;            /* which sent it; NAN: one process sent all */
    double clock_uncertainty_s; /* how far off rank 0's clock its moments may be; the same */
};

/* Opens the file of a part of step `name` in the run directory `folder`; NULL with a sentence.
 * Close it. */
struct response_reader *response_reader_open(const char *folder, const char *name,
                                             enum step_part part, struct error *error);

/* Reads the next in the file's order, as they were sent; false at the end, or with a sentence where
 * what follows is no response: then `error->text` is not empty. */
bool response_reader_next(struct response_reader *reader, struct response *response,
                          struct error *error);

/* Adds the last response as a JSON object of those of its members whose keys are `wanted`. */
void response_reader_print(const struct response_reader *reader, bool (*wanted)(const char *key),
                           struct text *json);

void response_reader_close(struct response_reader *reader);

/* "individual_responses", "probe" or "phases": how a part's file is called behind the step's name.
 */
const char *responses_ending(enum step_part part);

/* Whether the file of a part of step `name` is there. */
bool responses_are_there(const char *folder, const char *name, enum step_part part);

/* Whether it is and does not end as an array does: its writer was cut off, or the file was. Looks
 * at its end alone. */
bool responses_are_cut(const char *folder, const char *name, enum step_part part);

/* Several at once. */
struct responses {
    struct outcome *outcome;
    size_t *chunks;
    size_t count;
};

/* Reads the first `most` responses; the file is read no further. Clear `responses` either way. */
bool responses_read(const char *folder, const char *name, enum step_part part, size_t most,
                    struct responses *responses, struct error *error);

void responses_clear(struct responses *responses);

#endif
