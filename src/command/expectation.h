/* How long a study that goes on until it is sure (stop_when) may take, and is expected to. */
#ifndef COMMAND_EXPECTATION_H
#define COMMAND_EXPECTATION_H

#include <stdio.h>

#include "command/prepare.h"

/* Prints when the study ends, the most, and the passes by which its intervals are expected to be
 * narrow enough, with what that assumes; nothing where there is no rule. TTFTs and switches are
 * those of the run in the folder `like`, or an example (likeness.h). False with a sentence where
 * that cannot be read. */
bool expectation_print(FILE *out, const struct preparation *preparation, const char *like,
                       struct error *error);

#endif
