/* How completed requests ended, by their finish reasons. */
#ifndef STATS_ENDS_H
#define STATS_ENDS_H

#include "record/request.h"
#include "record/step.h"

/* Counts one reason; "" is none, and is not counted. Past ENDS_KINDS_MOST different ones, which no
 * endpoint has in earnest, further ones count as "other". */
void ends_count(struct finish_counts *finish, const char *reason);

/* Most frequent first, then by name. */
void ends_sort(struct finish_counts *finish);

/* Whether a completed request's reason says that its model ended by itself, although the response
 * has as many tokens as were asked for (llama.cpp's /v1/responses is always "completed"): nothing
 * is missing then, whatever the word. */
bool ends_at_length(const struct request *request, const struct figures *figures);

/* A step's requests whose model ended by itself (wire/finish.h) before the length asked for; those
 * whose response a filter cut. */
size_t ends_early(const struct step *step);
size_t ends_filtered(const struct step *step);

/* Whether more than 1 % of the completed requests ended early although ignore_eos was asked. */
bool ends_otherwise(const struct step *step);

#endif
