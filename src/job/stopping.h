/* A study that continues until it is sure (stop_when): how sure its passes so far make it. */
#ifndef JOB_STOPPING_H
#define JOB_STOPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "plan/settings.h"
#include "store/run.h"

struct stopping {
    bool sure;
    char sentence[400]; /* how far it is, for people */
};

/* Reads the run's steps back and concludes from them, as its reports will. `passes` of them have
 * ended. False with a sentence where the steps cannot be read. */
bool stopping_look(const struct stop_rule *rule, const struct run *run, size_t passes,
                   struct stopping *stopping, struct error *error);

#endif
