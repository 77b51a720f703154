/* A switching study for a wanted resolution: which order, how many passes and how many steady
 * requests of a probe show a switch of so many seconds, in the least time. */
#ifndef COMMAND_PROPOSAL_H
#define COMMAND_PROPOSAL_H

#include <stdio.h>

#include "command/prepare.h"

/* Reads "20ms", "0.02" or "0.02 s" into `seconds`; false with a sentence. */
bool proposal_read(const char *text, double *seconds, struct error *error);

/* Prints what to set to see `seconds` at each row, and at each pair of rows, in 80 % of cases: with
 * TTFTs, their spread and that of switches as the run in the folder `like` had them, or of an
 * example where that is NULL (likeness.h); and how closely the study would know it. A probe has
 * five steady requests at least. False with a sentence where `like` cannot be read. */
bool proposal_print(FILE *out, const struct preparation *preparation, double seconds,
                    const char *like, struct error *error);

#endif
