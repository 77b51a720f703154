/* How completed requests ended, by their finish reasons. */
#ifndef STATS_ENDS_H
#define STATS_ENDS_H

#include "record/step.h"

/* Counts one reason; "" is none, and is not counted. Past ENDS_KINDS_MOST different ones, which no
 * endpoint has in earnest, further ones count as "other". */
void ends_count(struct finish_counts *finish, const char *reason);

/* Most frequent first, then by name. */
void ends_sort(struct finish_counts *finish);

/* Requests whose model ended by itself (wire/finish.h); those whose response a filter cut. */
size_t ends_early(const struct finish_counts *finish);
size_t ends_filtered(const struct finish_counts *finish);

/* Whether more than 1 % of the completed requests ended early although ignore_eos was asked. */
bool ends_otherwise(const struct step *step);

#endif
