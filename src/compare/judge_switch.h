/* What a line of a qualification that is about switches says: what one cost, how often a visit paid
 * one, and seconds per visit. */
#ifndef COMPARE_JUDGE_SWITCH_H
#define COMPARE_JUDGE_SWITCH_H

#include "compare/side.h"
#include "record/qualification.h"
#include "stats/comparison.h"

/* Whether a measure is one of these. */
bool judge_switch_measures(const struct measure *measure);

/* A row's value over all runs of a side; NAN: there is none. */
double judge_switch_value(const struct side_row *row, const struct measure *measure);

/* Why there is none: the end of "no visit of the candidate …". */
const char *judge_switch_missing(const struct measure *measure);

/* Both sides have a value. */
struct comparison judge_switch_compare(const struct side_row *base,
                                       const struct side_row *candidate,
                                       const struct measure *measure,
                                       const struct comparison_asked *asked);

#endif
