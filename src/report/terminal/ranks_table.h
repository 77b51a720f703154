/* How many ranks a plan needs, for people. */
#ifndef REPORT_TERMINAL_RANKS_TABLE_H
#define REPORT_TERMINAL_RANKS_TABLE_H

#include <stdio.h>

#include "core/bundle.h"
#include "plan/rows.h"
#include "plan/settings.h"

/* Prints what each row, or mix, brings in events/s at most, the ranks that keep up with it, and how
 * many that comes to (plan/ranks_need.h). */
void ranks_table_print(FILE *out, const struct rows *rows, const struct bundle *bundle,
                       const struct settings *settings);

#endif
