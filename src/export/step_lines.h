/* Steps as lines of a table (tables.h). For this room alone. */
#ifndef EXPORT_STEP_LINES_H
#define EXPORT_STEP_LINES_H

#include "export/tabular.h"
#include "store/results.h"

/* Adds the cells that steps and requests begin with. */
void step_lines_add_place(struct tabular *tabular, const struct results *run,
                          const struct step *step);

/* Writes all steps of the run. What is concluded of them together, such as adjusted probabilities,
 * is in them already. */
void step_lines_write(struct tabular *tabular, const struct results *run);

#endif
