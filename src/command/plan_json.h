/* What plan --json prints: one object, for programs that show a plan to people.
 *
 *   {"sound": true, "faults": [], "warnings": [{"text": "rows.csv:2: qps_end: …", "file":
 * "rows.csv", "line": 2, "field": "qps_end"}], "config": "c.yaml", "rows_file": "rows.csv",
 * "endpoint": "http://…", "totals": {"rows": 1, "steps": 2, "requests": 20, "input_tokens": 200,
 * "output_tokens": 60, "opening_requests": 0, "at_most": false}, "time_s": 3.5, "search": null}
 *
 * What is not known is null: file, line and field of what is about none, and of a plan that is not
 * sound all behind "warnings" but the config. */
#ifndef COMMAND_PLAN_JSON_H
#define COMMAND_PLAN_JSON_H

#include <stdbool.h>

#include "job/prepare.h"

/* Reads and checks all that plan does, and prints it. Returns the exit code. */
int plan_json(const struct prepare_options *options, bool offline, const char *config);

#endif
