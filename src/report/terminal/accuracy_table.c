#include "report/terminal/accuracy_table.h"

#include <math.h>

#include "report/terminal/terminal.h"
#include "report/terminal/width.h"

enum { NAME = 17, CELL = 10 };

void accuracy_time(double seconds, char *text, size_t size)
{
    static const struct {
        double below, each;
        const char *unit;
    } units[] = {
        {0.99995e-6, 1e9, "ns"}, {0.99995e-3, 1e6, "µs"}, {0.99995, 1e3, "ms"}, {INFINITY, 1, "s"}};
    size_t i = 0;

    if (!isfinite(seconds)) {
        snprintf(text, size, "–");
        return;
    }
    while (fabs(seconds) >= units[i].below)
        i++;
    if (i == 0)
        snprintf(text, size, "%.0f ns", fabs(seconds) < 0.5e-9 ? 0 : seconds * units[i].each);
    else
        snprintf(text, size, "%#.4g %s", seconds * units[i].each, units[i].unit);
}

static void print_value(FILE *out, enum accuracy_unit unit, double value)
{
    char text[64];

    if (unit == ACCURACY_SECONDS || !isfinite(value))
        accuracy_time(value, text, sizeof text);
    else if (unit == ACCURACY_PER_S)
        snprintf(text, sizeof text, "%.1f/s", fabs(value) < 0.05 ? 0 : value);
    else
        snprintf(text, sizeof text, "%g", value);
    fprintf(out, "%*s%s", CELL - width_of(text), "", text);
}

static const char *verdict(const struct accuracy_line *line)
{
    if (!line->judged)
        return "not judged";
    return line->accuracy.inside ? "ok" : "OUTSIDE";
}

static void print_line(FILE *out, const struct accuracy_line *line)
{
    fprintf(out, "%-*s", NAME, line->name);
    print_value(out, line->unit, line->accuracy.known);
    print_value(out, line->unit, line->accuracy.measured);
    print_value(out, line->unit, line->accuracy.error);
    print_value(out, line->unit, line->accuracy.within);
    print_value(out, line->unit, line->accuracy.tolerance);
    fprintf(out, " %s\n", verdict(line));
}

void accuracy_table_print(FILE *out, const struct accuracy_line *lines, size_t count)
{
    static const char *const heading[] = {"known", "measured", "error", "95 %", "tolerance"};

    fprintf(out, "%-*s", NAME, "");
    for (size_t i = 0; i < sizeof heading / sizeof *heading; i++)
        fprintf(out, "%*s", CELL, heading[i]);
    fputc('\n', out);
    for (size_t i = 0; i < count; i++)
        print_line(out, &lines[i]);
}
