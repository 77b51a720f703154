/* What a row asks for besides the texts of its requests, checked: a system message that all have in
 * common (prefix_tokens), and sessions of several turns (turns, turn_input_tokens, think_time_s);
 * inside this room. */
#ifndef PLAN_SESSIONS_H
#define PLAN_SESSIONS_H

#include "plan/row_columns.h"

/* Checks the row once its columns are read. Sets turn_input_tokens where it is not given, and
 * forgets, with a warning, what is not used. */
void sessions_check_row(const struct row_reading *reading);

#endif
