/* What a server said was loaded around a step, and what was done before it, in its summary:
 * `state_source`, `state_loaded_before`, `state_loaded_after_probe`, `state_loaded_after` (true or
 * false; null: it did not say), `state_models_before` … (all that was loaded; not read back),
 * `state_load_s`; `before_step`, `before_step_s`, `before_step_error`. Where nobody was asked, or
 * nothing done, there are no such members. */
#ifndef STORE_SUMMARY_STATE_H
#define STORE_SUMMARY_STATE_H

#include <cjson/cJSON.h>

#include "record/state.h"
#include "store/members.h"

void summary_state_add(cJSON *object, const struct server_state *state);

/* What was done alone, as a manifest has it: an object "before_step". */
void summary_state_add_control(cJSON *object, const struct server_state *state);

/* Fills `state`, to be cleared. */
void summary_state_read(const struct members *object, struct server_state *state);

#endif
