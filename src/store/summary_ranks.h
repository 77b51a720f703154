/* What each rank of a step sent, and how it kept up: the member "ranks" of a summary, and
 * its share in a manifest. For this room alone. */
#ifndef STORE_SUMMARY_RANKS_H
#define STORE_SUMMARY_RANKS_H

#include <cjson/cJSON.h>

#include "record/step.h"
#include "store/members.h"

/* Adds "ranks", one object each; of a step that one process ran nothing. */
void summary_ranks_add(cJSON *object, const struct step *step);

/* Reads what summary_ranks_add wrote. */
void summary_ranks_read(const struct members *object, struct step *step);

/* Adds "requests_of_ranks", a list of how many requests each rank sent; the same. */
void summary_ranks_add_shares(cJSON *object, const struct step *step);

#endif
