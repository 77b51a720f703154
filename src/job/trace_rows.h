/* Rows with a trace, before anything is sent: the file is read once, and the row becomes a mix with
 * a member for each model that it names (traffic/trace_models.h). */
#ifndef JOB_TRACE_ROWS_H
#define JOB_TRACE_ROWS_H

#include <stdbool.h>

#include "job/prepare.h"

/* Puts the members of each row with a trace in its place: their model, the means of their lengths,
 * how many requests they have, and the rate that these come to. The mix is the one that the row
 * names, else one by the file's name. Relative paths are looked for in the working directory, then
 * in the config's folder. False where it added faults; then there may be fewer rows. */
bool trace_rows_expand(struct preparation *preparation, struct faults *faults);

/* How a member's requests are read from its trace; what it points to stands as long as both. */
struct trace_asked trace_rows_asked(const struct preparation *preparation, const struct row *row);

#endif
