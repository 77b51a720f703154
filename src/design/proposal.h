/* A switching study for a wanted resolution: which order, how many passes and how many steady
 * requests of a probe show a switch of so many seconds, in the least time. */
#ifndef DESIGN_PROPOSAL_H
#define DESIGN_PROPOSAL_H

#include "job/prepare.h"
#include "record/resolution.h"

/* Reads "20ms", "0.02" or "0.02 s" into `seconds`; false with a sentence. */
bool proposal_read(const char *text, double *seconds, struct error *error);

/* What to set to see `seconds` at each row, and at each pair of rows, in 80 % of cases: with TTFTs,
 * their spread and that of switches as the run in the folder `like` had them, which `resolution`
 * points to, or of an example where that is NULL (likeness.h); and how closely the study would know
 * it. A probe has five steady requests at least. False with a sentence where `like` cannot be read.
 */
bool proposal_of(const struct preparation *preparation, double seconds, const char *like,
                 struct resolution *resolution, struct error *error);

#endif
