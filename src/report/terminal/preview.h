/* What a plan would show as a switching study, for people. */
#ifndef REPORT_TERMINAL_PREVIEW_H
#define REPORT_TERMINAL_PREVIEW_H

#include <stdio.h>

#include "record/preview.h"

/* Prints in which order rows are visited, how often each pair, and how small a switch would be
 * seen; nothing where rows run beside each other. */
void preview_print(FILE *out, const struct preview *preview);

/* Prints when a study with stop_when ends, the most, and the passes by which its intervals are
 * expected to be narrow enough, with what that assumes; nothing where there is no rule. */
void preview_print_end(FILE *out, const struct preview_end *end);

/* Prints what a mix would meet on the node of the bundle file. */
void preview_print_mix(FILE *out, const struct preview_mix *mix);

#endif
