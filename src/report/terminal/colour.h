/* Colours on a terminal that has them. */
#ifndef REPORT_TERMINAL_COLOUR_H
#define REPORT_TERMINAL_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_NOTE, COLOUR_BAD, COLOUR_STRONG, COLOUR_DIM };

/* Whether what is printed to `out` may have colours: it is a terminal, no dumb one by TERM, and
 * NO_COLOR (no-color.org) is not set or empty. */
bool colour_able(FILE *out);

/* The sequence that begins a colour, and the one that ends any (ECMA-48, SGR); "" where `able` is
 * false, and of COLOUR_NONE. */
const char *colour_begin(bool able, enum colour colour);
const char *colour_end(bool able, enum colour colour);

#endif
