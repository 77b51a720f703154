/* Which reports a run has written, as its manifest keeps it: so a run that is resumed replaces its
 * own and nobody else's. */
#ifndef STORE_MANIFEST_REPORTS_H
#define STORE_MANIFEST_REPORTS_H

#include <stdbool.h>

#include "store/manifest_content.h"

/* What the names of the run's own reports begin with; NULL: it has written none. `name` is the
 * run's: runs of 0.1.0 do not say it, and wrote theirs under that. Free it. */
char *manifest_reports(const struct manifest_content *content, const char *name);

/* Notes in the manifest of `folder` that the run's reports begin with `stem`, unless another
 * program is writing to the run. */
void manifest_note_reports(const char *folder, const char *stem);

#endif
