#include "report/terminal/sparkline.h"

#include <math.h>
#include <string.h>

enum { HEIGHTS = 8 };

/* Each two points become one. */
static void halve(struct sparkline *line)
{
    for (size_t i = 0; i < SPARKLINE_POINTS / 2; i++)
        line->value[i] = (line->value[2 * i] + line->value[2 * i + 1]) / 2;
    line->count = SPARKLINE_POINTS / 2;
    line->each *= 2;
}

void sparkline_add(struct sparkline *line, double value)
{
    if (!isfinite(value))
        return;
    line->each = line->each > 0 ? line->each : 1;
    line->sum += value;
    if (++line->in < line->each)
        return;
    if (line->count == SPARKLINE_POINTS) {
        halve(line);
        return; /* the point that is being made has twice the samples now */
    }
    line->value[line->count++] = line->sum / (double)line->in;
    line->sum = 0;
    line->in = 0;
}

const char *sparkline_text(const struct sparkline *line, char text[SPARKLINE_TEXT])
{
    static const char *const blocks[HEIGHTS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double most = 0;

    text[0] = '\0';
    for (size_t i = 0; i < line->count; i++)
        most = fmax(most, line->value[i]);
    for (size_t i = 0; i < line->count && line->count > 1; i++) {
        int height = most > 0 ? (int)(line->value[i] / most * HEIGHTS) : 0;

        strcat(text, blocks[height < 0 ? 0 : height < HEIGHTS ? height : HEIGHTS - 1]);
    }
    return text;
}
