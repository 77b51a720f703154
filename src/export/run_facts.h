/* What services are told of a run besides its figures: which one it is, and when it was. For this
 * room alone. */
#ifndef EXPORT_RUN_FACTS_H
#define EXPORT_RUN_FACTS_H

#include <stdbool.h>

#include "store/results.h"

/* What the run is known by elsewhere, a text that no other run has; free it. */
char *run_facts_identity(const struct results *run);

/* Milliseconds since 1970: of its start, as the manifest has it, else of its first step's end; and
 * of its last step's end, which is never before the start. */
long long run_facts_start_ms(const struct results *run);
long long run_facts_end_ms(const struct results *run);

/* Whether it ran to its end, and was not stopped. */
bool run_facts_is_whole(const struct results *run);

#endif
