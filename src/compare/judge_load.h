/* What a line of a qualification that is about a search says: the highest load that keeps slo. */
#ifndef COMPARE_JUDGE_LOAD_H
#define COMPARE_JUDGE_LOAD_H

#include "compare/side.h"
#include "stats/comparison.h"

/* Whether a measure is one of these. */
bool judge_load_measures(const struct measure *measure);

/* Whether a measure is about such a row: these are about rows that were searched by that load, all
 * others about the rest. */
bool judge_load_applies(const struct measure *measure, const struct side_row *row);

/* A row's load over all runs of a side, the geometric mean; NAN: there is none. */
double judge_load_value(const struct side *side, const struct side_row *row);

/* Both sides have a value; its error is that of the searches' intervals. */
struct comparison judge_load_compare(const struct side *base, const struct side_row *base_row,
                                     const struct side *candidate,
                                     const struct side_row *candidate_row,
                                     const struct comparison_asked *asked);

#endif
