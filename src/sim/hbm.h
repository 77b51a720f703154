/* A replica's fast memory: which expert configurations are resident, and which leave for others. */
#ifndef SIM_HBM_H
#define SIM_HBM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bundle.h"
#include "sim/noise.h"

struct hbm;

/* Zeroed: empty. */
struct configuration_list {
    struct bundle_configuration *items; /* owned: to be freed by whom it is given to */
    size_t count;
};

/* Empty memory of the node's size and rule of eviction; the node must outlive it. Free with
 * hbm_free. */
struct hbm *hbm_new(const struct bundle_node *node);

/* Whether the configuration is resident. */
bool hbm_holds(const struct hbm *hbm, const struct bundle_configuration *configuration);

/* Makes the configuration resident and marks it running, so that it cannot be evicted. What had to
 * leave is given as a list for the caller to free; where chance says who leaves, it is the noise's.
 * False, and nothing changes, where not enough can leave, since the rest is running or pinned. */
bool hbm_use(struct hbm *hbm, const struct bundle_configuration *configuration,
             const struct noise *noise, struct bundle_configuration **evicted,
             size_t *evicted_count);

/* How often a resident configuration was used since it was loaded. */
int64_t hbm_uses(const struct hbm *hbm, const struct bundle_configuration *configuration);

/* The configuration no longer runs; it stays resident. */
void hbm_rest(struct hbm *hbm, const struct bundle_configuration *configuration, int64_t now_ns);

/* Unloads what rests for idle_unload_s and is not pinned; nothing where that is 0. */
void hbm_unload_idle(struct hbm *hbm, int64_t now_ns);

/* What hbm_unload_idle and hbm_unload took since this was asked last. */
struct configuration_list hbm_take_unloaded(struct hbm *hbm);

/* Unloads the expert's configurations that rest, or those of all experts where it is NULL, pinned
 * ones too; they are among what hbm_take_unloaded gives. How many there were. */
size_t hbm_unload(struct hbm *hbm, const struct bundle_expert *expert);

/* Whether any configuration of the expert is resident; of all experts where it is NULL. `running`:
 * of those alone that run. */
bool hbm_holds_any(const struct hbm *hbm, const struct bundle_expert *expert, bool running);

/* All that is resident, in no order. */
struct configuration_list hbm_list(const struct hbm *hbm);

void hbm_free(struct hbm *hbm);

#endif
