/* Lines of a file for people: "2–5, 8", in one sentence however many they are. */
#ifndef PLAN_LINES_H
#define PLAN_LINES_H

#include <stddef.h>

#include "core/text.h"

struct lines {
    int *line; /* ascending; owned */
    size_t count;
};

/* Adds a line that is not before the last one. */
void lines_add(struct lines *lines, int line);

/* Adds "line 2" or "lines 2–5, 8" to the text; of more than eight ranges the first eight, then "…".
 */
void lines_print(const struct lines *lines, struct text *text);

void lines_clear(struct lines *lines);

#endif
