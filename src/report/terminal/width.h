/* How wide a text is in a terminal, and texts cut to a width. */
#ifndef REPORT_TERMINAL_WIDTH_H
#define REPORT_TERMINAL_WIDTH_H

#include <stddef.h>

/* How many columns a UTF-8 text takes, each letter one. */
int width_of(const char *text);

/* A text with what does not belong into a line replaced (core/clean.h) and cut to `width` columns,
 * its middle left out. */
void width_fit(const char *from, int width, char *text, size_t size);

#endif
