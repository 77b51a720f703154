/* Whether a run uses connections again: what its settings ask for, and what it has learned. */
#ifndef JOB_REUSING_H
#define JOB_REUSING_H

#include "job/prepare.h"
#include "report/terminal/progress.h"
#include "store/manifest.h"
#include "store/manifest_content.h"

/* Begins with what the settings ask for and, of a run that is resumed (else NULL), with what it had
 * learned by then. Adds a fault where they ask for what cannot be. */
void reusing_begin(struct preparation *preparation, const struct manifest_content *resumes,
                   struct faults *faults);

/* What holds now, as the setting calls it: "auto" where it is to be learned yet. */
const char *reusing_word(const struct preparation *preparation);

/* Says once what was learned. */
void reusing_tell(const struct preparation *preparation, struct progress *progress);

#endif
