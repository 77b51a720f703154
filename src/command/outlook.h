/* What a plan amounts to as a switching study, before anything is sent: in which order rows are
 * visited, how often each pair, and how small a switch would be seen. */
#ifndef COMMAND_OUTLOOK_H
#define COMMAND_OUTLOOK_H

#include <stdio.h>

#include "command/prepare.h"

void outlook_print(FILE *out, const struct preparation *preparation);

#endif
