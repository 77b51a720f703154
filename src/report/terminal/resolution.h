/* Which studies show a switch that is wanted to be seen, for people. */
#ifndef REPORT_TERMINAL_RESOLUTION_H
#define REPORT_TERMINAL_RESOLUTION_H

#include <stdio.h>

#include "record/resolution.h"

/* Prints what to set to see the switch at each row, and at each pair of rows, how closely the study
 * would know it, and what all that assumes. */
void resolution_print(FILE *out, const struct resolution *resolution);

#endif
