/* What selftest has in hand after a profile's run: what is known, and what was measured. */
#ifndef COMMAND_EVIDENCE_H
#define COMMAND_EVIDENCE_H

#include <stdbool.h>

#include "command/profile.h"
#include "core/bundle.h"
#include "core/error.h"
#include "plan/rows.h"
#include "sim/witness.h"
#include "store/responses.h"
#include "store/results.h"

struct evidence {
    struct bundle bundle;                     /* known: what the node is made of, */
    const struct rows *rows;                  /* what was asked of it (not owned), */
    struct witness witness;                   /* and what truly happened */
    struct results results;                   /* measured: the rows, */
    struct responses responses[PROFILE_ROWS]; /* and their requests */
};

/* Reads a run directory, a bundle file and a ground truth. Clear `evidence` either way. */
bool evidence_read(struct evidence *evidence, const char *run_folder, const char *bundle,
                   const char *truth, struct error *error);
void evidence_clear(struct evidence *evidence);

#endif
