/* What one of the ranks that shared a step sent of it, and how well it kept up. Plain data, no
 * logic.
 */
#ifndef RECORD_STEP_RANK_H
#define RECORD_STEP_RANK_H

#include <stddef.h>

#include "record/health.h"

struct step_rank {
    size_t requests;       /* of the row that it sent, those of warm-up and cool-down left out */
    double journal_wait_s; /* how long it waited for rank 0 to take its records */
    struct health health;  /* of its own load; connections are counted for all ranks together */
};

#endif
