/* What a plan asks for, for people, before anything is sent. */
#ifndef REPORT_TERMINAL_PLAN_TABLE_H
#define REPORT_TERMINAL_PLAN_TABLE_H

#include <stdio.h>

#include "core/bundle.h"
#include "plan/order.h"
#include "plan/rows.h"
#include "plan/settings.h"

/* Prints the rows, one a line; on a narrow terminal the models' names give way. */
void plan_table_rows(FILE *out, const struct rows *rows);

/* Prints which expert configurations each row may load, and what they take together; nothing where
 * no file describes the node. */
void plan_table_loads(FILE *out, const struct bundle *bundle, const struct rows *rows);

/* Prints what all steps come to: requests, tokens and a guess at the time; and how many GETs of
 * `idle_url` open connections besides. */
void plan_table_totals(FILE *out, const struct rows *rows, const struct order *order,
                       const struct settings *settings, const char *idle_url);

#endif
