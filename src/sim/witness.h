/* The ground truth read back (truth.h): what the node did for each request, and when it left. */
#ifndef SIM_WITNESS_H
#define SIM_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* A request that got its response. Moments are monotonic nanoseconds of this machine. */
struct witness_request {
    int64_t index; /* requests are counted from 0 as they arrive */
    int64_t prompt_tokens, completion_tokens;
    int64_t batch_size;
    double switch_s;              /* loading its configuration took, 0 where it was there */
    double queue_s;               /* from its arrival to the start of its batch */
    double time_to_first_token_s; /* from there, by the model of the machine */
    int64_t arrived_ns;           /* read whole */
    int64_t first_token_ns;       /* just before the write of its first token … */
    int64_t last_token_ns;        /* … and of its last */
};

struct witness {
    struct witness_request *request; /* as they arrived */
    size_t count;
};

/* Reads the file at `path`, of a simulator that has ended. Requests that were cancelled are left
 * out. Clear `witness` either way. */
bool witness_read(const char *path, struct witness *witness, struct error *error);

void witness_clear(struct witness *witness);

#endif
