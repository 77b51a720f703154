/* How long a study that runs until it is sure (stop_when) may take, and is expected to. */
#ifndef DESIGN_EXPECTATION_H
#define DESIGN_EXPECTATION_H

#include "job/prepare.h"
#include "record/preview.h"

/* When the study ends: the most passes, and those by which its intervals are expected to be narrow
 * enough; nothing is asked of `end` where there is no rule. TTFTs and switches are those of the run
 * in the folder `like`, which `end` points to, or an example (likeness.h). False with a sentence
 * where that cannot be read. */
bool expectation_of(const struct preparation *preparation, const char *like,
                    struct preview_end *end, struct error *error);

#endif
