/* What is odd about a row's measurement, in words. */
#ifndef REPORT_FLAGS_H
#define REPORT_FLAGS_H

#include "core/text.h"
#include "record/step.h"

/* Adds a clause for each thing by which the server did not get, or not give, what the row asks for,
 * with "; " between them; nothing where all is as asked. */
void flags_add(const struct step *step, struct text *text);

/* The same of requests and responses alone, without what concerns the documented rule, which only
 * files tell of. */
void flags_add_requests(const struct step *step, struct text *text);

/* Whether the documented rule found a switch where the estimate says that none can be measured: its
 * value stands without a second witness. False before the study has concluded. */
bool flags_rule_stands_alone(const struct step *step);

/* Adds the words of a set of enum switch_flag, with ", " between them. */
void flags_add_switch(int flags, struct text *text);

#endif
