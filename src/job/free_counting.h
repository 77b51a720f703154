/* Before a run's first row: how models count is learned where that is known to load none of them,
 * so that their first prompts have the right length without a `coebench calibrate` ahead of the
 * run. */
#ifndef JOB_FREE_COUNTING_H
#define JOB_FREE_COUNTING_H

#include "core/error.h"
#include "job/prepare.h"
#include "report/terminal/progress.h"
#include "store/manifest.h"

/* What may be sent so that a model's prompts are counted. */
enum free_counting {
    FREE_COUNTING_NOT,       /* nothing */
    FREE_COUNTING_ENDPOINTS, /* to endpoints that count without responding */
    FREE_COUNTING_REQUESTS,  /* short requests to the model, too */
};

/* By the settings and what the endpoint lists. Endpoints that count are known to load nothing at
 * the simulator, where prompt.count_free says so, where the list has this one model alone, and of a
 * model that the list has as loaded. Requests to the model are, where it is the only one, and is
 * loaded by the list; or the list does not say, the server is none that loads on demand, and the
 * plan is no study (no order of its own, no probe), whose first visit may have to load it. */
enum free_counting free_counting_of(const struct settings *settings,
                                    const struct listed_models *listed, const char *model);

/* Learns what is not known yet of the rows' models, as far as free_counting_of lets it, and says on
 * `progress` and in the manifest what it counted; with `advise`, of the others, what calibrate
 * would bring. Where the list says how models stand, it is asked for again after each: where
 * another is loaded then, nothing more is counted. False with a sentence where what was learned
 * cannot be written. */
bool free_counting_run(const struct preparation *preparation, struct progress *progress,
                       struct manifest *manifest, bool advise, struct error *error);

#endif
