/* Known values beside measured ones as a table of 78 columns. */
#ifndef REPORT_TERMINAL_ACCURACY_TABLE_H
#define REPORT_TERMINAL_ACCURACY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "stats/accuracy.h"

/* What the values of a line are, and so how they are written. */
enum accuracy_unit { ACCURACY_COUNT, ACCURACY_SECONDS, ACCURACY_PER_S };

struct accuracy_line {
    const char *name;
    enum accuracy_unit unit;
    struct accuracy accuracy;
    bool judged;
};

void accuracy_table_print(FILE *out, const struct accuracy_line *lines, size_t count);

/* "54.1 µs", "20.02 ms", "1.500 s": four digits, at whole nanoseconds; "–" where there is
 * none. */
void accuracy_time(double seconds, char *text, size_t size);

#endif
