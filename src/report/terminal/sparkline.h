/* How a figure went over a row, as a line of blocks. */
#ifndef REPORT_TERMINAL_SPARKLINE_H
#define REPORT_TERMINAL_SPARKLINE_H

#include <stddef.h>

/* POINTS: blocks at most, an even number. A block has up to three bytes. */
enum { SPARKLINE_POINTS = 24, SPARKLINE_TEXT = 3 * SPARKLINE_POINTS + 1 };

/* The values of a time that grows: where there is no room for more, each two become one. */
struct sparkline {
    double value[SPARKLINE_POINTS];
    size_t count;
    size_t each; /* samples that a point is made of; 0 counts as 1 */
    double sum;  /* of the point that is being made … */
    size_t in;   /* … from so many samples */
};

/* Adds a sample; one that is not finite is left out. */
void sparkline_add(struct sparkline *line, double value);

/* "▁▃▇█": each value as a share of the largest, so that blocks of twice the height are twice the
 * value; "" while there are fewer than two points. */
const char *sparkline_text(const struct sparkline *line, char text[SPARKLINE_TEXT]);

#endif
