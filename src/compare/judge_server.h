/* What a line of a qualification says that is about what the server told during a row. */
#ifndef COMPARE_JUDGE_SERVER_H
#define COMPARE_JUDGE_SERVER_H

#include "compare/side.h"

/* Whether a measure is one of these. */
bool judge_server_measures(const struct measure *measure);

/* A row's figure in one run: the most of its visits where it is a most, else their mean. NAN: the
 * server did not tell it in any of them. */
double judge_server_of_run(const struct side_run *run, const struct measure *measure);

/* The same over the runs of a side that have the row; NAN where it was not told in one of them. */
double judge_server_value(const struct side *side, const struct side_row *row,
                          const struct measure *measure);

#endif
