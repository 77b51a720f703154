/* A figure over runs for other programs, as JSON. */
#ifndef REPORT_HISTORY_JSON_H
#define REPORT_HISTORY_JSON_H

#include "core/text.h"
#include "store/index/history.h"

/* Adds {"row", "metric", "endpoint", "by", "runs": […], "groups": […], "steps": […], …}, as
 * docs/index.md has it. `by` is a label's name, NULL: none. Ends with a line's end. */
void history_json_add(const struct history *history, const char *metric, const char *by,
                      struct text *json);

#endif
