/* The node's fast memory: which expert configurations are resident, and which leave for others. */
#ifndef SIM_HBM_H
#define SIM_HBM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/bundle.h"

struct hbm;

/* Empty memory of the node's size and rule of eviction. Free with hbm_free. */
struct hbm *hbm_new(const struct bundle_node *node);

/* Whether the configuration is resident. */
bool hbm_holds(const struct hbm *hbm, const struct bundle_configuration *configuration);

/* Makes the configuration resident and marks it running, so that it cannot be evicted. What had to
 * leave is given as a list for the caller to free. False, and nothing changes, where not enough can
 * leave, since the rest is running. */
bool hbm_use(struct hbm *hbm, const struct bundle_configuration *configuration,
             struct bundle_configuration **evicted, size_t *evicted_count);

/* The configuration no longer runs; it stays resident. */
void hbm_rest(struct hbm *hbm, const struct bundle_configuration *configuration);

void hbm_free(struct hbm *hbm);

#endif
