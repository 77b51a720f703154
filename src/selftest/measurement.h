/* What selftest has after a profile's run: what is known, and what was measured. */
#ifndef SELFTEST_MEASUREMENT_H
#define SELFTEST_MEASUREMENT_H

#include <stdbool.h>

#include "core/bundle.h"
#include "core/error.h"
#include "plan/rows.h"
#include "selftest/profile.h"
#include "sim/witness.h"
#include "store/responses.h"
#include "store/results.h"

struct measurement {
    struct bundle bundle;                     /* known: what the node is made of, */
    const struct rows *rows;                  /* what was asked of it (not owned), */
    struct witness witness;                   /* and what truly happened */
    struct results results;                   /* measured: the rows, */
    struct responses responses[PROFILE_ROWS]; /* and their requests */
};

/* Reads a run directory, a bundle file and a ground truth. Clear `measurement` either way. */
bool measurement_read(struct measurement *measurement, const char *run_folder, const char *bundle,
                      const char *truth, struct error *error);
void measurement_clear(struct measurement *measurement);

#endif
