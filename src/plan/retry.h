/* The setting `retry`: which failed requests are sent again, how often, and after how long a wait
 * at most. */
#ifndef PLAN_RETRY_H
#define PLAN_RETRY_H

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"
#include "record/retry.h"

/* Fills what `codes` names: HTTP statuses from 300 to 599, and words of request_end_words. Adds a
 * fault, with the place of `given` (NULL: none), for each that is none of these. */
void retry_read(const struct setting_list *codes, const struct yaml *given, struct retry *retry,
                struct faults *faults);

#endif
