/* One profile put to the test: the main job runs its rows against a simulator of its own. */
#ifndef SELFTEST_TRIAL_H
#define SELFTEST_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "job/prepare.h"
#include "selftest/measurement.h"
#include "selftest/profile.h"

struct trial {
    const struct profile *profile;
    const char *folder; /* the profile's own folder comes to stand there; not owned */
    int64_t seed;
    struct preparation preparation;
    struct measurement measurement; /* what is known and what was measured, unless it was … */
    bool stopped;                   /* … by the user (job/interrupt.h) */
};

/* Lays out the profile's bundle, rows and config, starts the simulator, runs the rows, ends it, and
 * reads what both have written. False with a sentence where any of that fails. Clear `trial` either
 * way. */
bool trial_run(struct trial *trial, struct error *error);

void trial_clear(struct trial *trial);

#endif
