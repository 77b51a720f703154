/* What is odd about a row's measurement, in words. */
#ifndef REPORT_FLAGS_H
#define REPORT_FLAGS_H

#include "core/text.h"
#include "record/step.h"

/* Adds a clause for each thing by which the server did not get, or not give, what the row asks for,
 * with ", " between them; nothing where all is as asked. */
void flags_add(const struct step *step, struct text *text);

/* Adds the words of a set of enum switch_flag, the same way. */
void flags_add_switch(int flags, struct text *text);

#endif
