/* Before a run's first row: waits until its endpoint is ready, and asks what it is. */
#ifndef JOB_READINESS_H
#define JOB_READINESS_H

#include "core/error.h"
#include "job/prepare.h"
#include "report/terminal/progress.h"
#include "store/manifest.h"

/* The model whose one token is asked for where there is no /health: the one that is visited last,
 * so that the first visit finds its own model as the endpoint had it. */
const char *readiness_model(const struct preparation *preparation);

/* Waits as wait_ready says, and tells how long it took: on `progress` and in the manifest. True
 * where the endpoint is ready, nothing was to be waited for, or the user stopped the run; else a
 * sentence. */
bool readiness_wait(const struct preparation *preparation, struct progress *progress,
                    struct manifest *manifest, struct error *error);

/* Asks the endpoint what it is, for at most one connect_timeout, and writes that into the manifest:
 * its Server header, its models, and where they name a server that is known, its version or
 * properties. Nothing of that touches a model, and the listing has the models from here on. Returns
 * whether it was silent. */
bool readiness_ask_server(const struct preparation *preparation, struct manifest *manifest);

#endif
