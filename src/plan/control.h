/* residency_source and before_step: whom a run asks what is loaded, and what it does before a step.
 */
#ifndef PLAN_CONTROL_H
#define PLAN_CONTROL_H

#include "core/error.h"
#include "plan/settings.h"

/* What before_step asks for: the one word of state_control_words, or else a command. */
enum state_control control_asked(const struct settings *settings);

/* To be called before the settings are read: `before_step: unload_all` in the document is short for
 * a list of one word. Adds a fault where it is no word that is known. */
void control_spell_out(struct yaml *root, struct faults *faults);

/* Adds a fault where before_step is a command that did not come from a file, or stands beside rows
 * in parallel; and where nothing can be loaded or unloaded by the source. To be called once all
 * settings are read. */
void control_check(const struct settings *settings, struct faults *faults);

#endif
