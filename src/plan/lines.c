#include "plan/lines.h"

#include <stdlib.h>

#include "core/memory.h"

enum { RANGES_MOST = 8 };

void lines_add(struct lines *lines, int line)
{
    lines->line = memory_grow(lines->line, lines->count, sizeof *lines->line);
    lines->line[lines->count++] = line;
}

/* The last of the lines that follow each other from this one on. */
static size_t end_of_range(const struct lines *lines, size_t first)
{
    size_t last = first;

    while (last + 1 < lines->count && lines->line[last + 1] <= lines->line[last] + 1)
        last++;
    return last;
}

void lines_print(const struct lines *lines, struct text *text)
{
    size_t ranges = 0;

    text_add_string(text, lines->count == 1 ? "line " : "lines ");
    for (size_t i = 0; i < lines->count; ranges++) {
        size_t last = end_of_range(lines, i);

        text_add_string(text, i > 0 ? ", " : "");
        if (ranges == RANGES_MOST) {
            text_add_string(text, "…");
            return;
        }
        text_printf(text, "%d", lines->line[i]);
        if (lines->line[last] > lines->line[i])
            text_printf(text, "–%d", lines->line[last]);
        i = last + 1;
    }
}

void lines_clear(struct lines *lines)
{
    free(lines->line);
    *lines = (struct lines){0};
}
