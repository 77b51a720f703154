/* What a summary file tells of a row's system message and its sessions: what was asked, and figures
 * turn by turn. For this room alone. */
#ifndef STORE_SUMMARY_TURNS_H
#define STORE_SUMMARY_TURNS_H

#include <cjson/cJSON.h>

#include "record/step.h"
#include "store/members.h"

/* Adds the members, `results_turn_<t>_…` for each turn. Nothing of a row without either. */
void summary_turns_add(cJSON *object, const struct step *step);

/* Reads them into a step whose row is read. */
void summary_turns_read(const struct members *object, struct step *step);

#endif
