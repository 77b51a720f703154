/* The reports that travel: made from run directories alone, by `run` at its end and by `report` at
 * any time. */
#ifndef COMMAND_REPORTS_H
#define COMMAND_REPORTS_H

#include "command/runs.h"

/* Writes "<base>.xlsx", "<base>.html" and, where the workbook cannot list all requests,
 * "<base>_requests.csv". Each is written beside first and then in its place. False with a sentence.
 */
bool reports_write(const struct runs *runs, const char *base, struct error *error);

/* Whether anything of that base is there. */
bool reports_exist(const char *base);

/* Names on stdout what reports_write has written. */
void reports_name(const char *base);

#endif
