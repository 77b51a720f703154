/* The simulated bundle as a child process: this very program, as `coebench simulate`. */
#ifndef SELFTEST_SIMULATOR_H
#define SELFTEST_SIMULATOR_H

#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"

struct simulator {
    pid_t pid; /* 0: none */
    int port;
};

extern const char simulator_key[]; /* what requests must bear */

/* Starts one on the bundle file `bundle`. Its port, its words and its ground truth
 * ("truth.jsonl") stand in `folder`. False, with a sentence, where it does not come to listen. It
 * ends with this process, if not before. */
bool simulator_start(struct simulator *simulator, const char *bundle, const char *folder,
                     int64_t seed, struct error *error);

/* Ends it, after which its ground truth is complete. False, with a sentence, where it had failed
 * or had to be killed. Ending none is fine. */
bool simulator_end(struct simulator *simulator, struct error *error);

#endif
