/* What the starter kit's files leave out of a step, computed from its responses. For this room
 * alone. */
#ifndef STORE_KIT_STEP_H
#define STORE_KIT_STEP_H

#include "core/error.h"
#include "record/step.h"
#include "store/responses.h"

/* Completes a step that was read from a summary of the kit's: the image size from its name, as the
 * kit's own consolidation takes it (formats.md, section 7). With `responses`, which are all of the
 * step's load in any order and are put into the order of their starts: the batches (section 8), the
 * switching time by the documented rule (section 9) and by the largest batch. A summary of ours
 * says all this itself and stays as it is. */
void kit_step_complete(struct step *step, struct responses *responses);

/* Counts the errors of the step's responses and their codes anew, since the kit's summaries do not
 * always name them. False with a sentence where they cannot be read. */
bool kit_step_count_errors(const char *folder, struct step *step, struct error *error);

#endif
