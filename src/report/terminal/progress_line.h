/* Lines of the live block as they are put together; inside this folder. Each is cut to LINE_TEXT
 * bytes. */
#ifndef REPORT_TERMINAL_PROGRESS_LINE_H
#define REPORT_TERMINAL_PROGRESS_LINE_H

#include "report/terminal/progress_view.h"

enum { LINE_TEXT = 512 };

/* Adds to a line, cut to fit. */
void line_add(char *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a time between two texts: "left: row 1 min 20 s". */
void line_add_duration(char *line, const char *before, double seconds, const char *after);

/* Adds a bar of `width` columns, of which `share` is full. */
void line_add_bar(char *line, double share, int width);

/* Adds what is done: "12/100", "12 in 3/60 s", "warm-up 2/4". */
void line_add_done(char *line, const struct progress_view *view);

/* How much of a row is done, 0 to 1: of its requests, or of its time where that is further. */
double line_share_done(const struct progress_view *view);

/* Seconds left of a row by what is done of it; NAN before that says anything. */
double line_left_s(const struct progress_view *view);

#endif
