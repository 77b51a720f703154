/* Which of the addresses behind its endpoint's name a run uses (load/addresses.h). */
#ifndef JOB_ADDRESSING_H
#define JOB_ADDRESSING_H

#include "job/prepare.h"
#include "report/terminal/progress.h"
#include "store/manifest.h"
#include "store/manifest_content.h"

/* Makes the preparation's addresses, of which none is found yet. A run that is resumed (else NULL)
 * prefers the one that it used by then. */
void addressing_begin(struct preparation *preparation, const struct manifest_content *resumes);

/* Warns where the name has several addresses, by a lookup that connects to none of them; or where
 * connection.spread has nothing to spread over. */
void addressing_warn(struct preparation *preparation);

/* A run's beginning: looks the addresses up and chooses. */
void addressing_choose(const struct preparation *preparation);

/* Once the endpoint is ready: chooses again where that may come out otherwise now, and writes the
 * choice into the manifest. Says which addresses of a spread run accept no connection, and where a
 * resumed run cannot use what it used before. */
void addressing_settle(const struct preparation *preparation, struct progress *progress,
                       struct manifest *manifest);

/* Whether requests go to several addresses. */
bool addressing_spreads(const struct preparation *preparation);

#endif
