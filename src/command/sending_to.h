/* What export and run share: a run goes to a service, and people are told where it is. */
#ifndef COMMAND_SENDING_TO_H
#define COMMAND_SENDING_TO_H

#include "export/sending.h"

/* Sends the runs in `paths` (ends with NULL) to the service that `to` names, "mlflow:URI"; tells
 * on stdout where each is, and on stderr what went wrong. Returns the exit code: EXIT_BAD_INPUT
 * where one of them is not there as a whole. */
int sending_to(const char *to, const struct sending *how, char **paths);

/* Sends the run that has just ended; where that fails, a note on stderr says by which line it can
 * be sent later. With `quiet` only that is told. */
void sending_at_end(const char *service, const struct sending *how, const char *folder, bool quiet);

#endif
