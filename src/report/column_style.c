#include <string.h>

#include "core/text.h"
#include "report/column.h"
#include "report/flags.h"

enum sheet_style column_style_of_unit(const char *unit)
{
    static const struct {
        const char *unit;
        enum sheet_style style;
    } styles[] = {{"s", STYLE_SECONDS},   {"tokens/s", STYLE_RATE}, {"requests/min", STYLE_RATE},
                  {"share", STYLE_SHARE}, {"tokens", STYLE_WHOLE},  {"requests", STYLE_WHOLE}};

    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        if (strcmp(unit, styles[i].unit) == 0)
            return styles[i].style;
    }
    return STYLE_PLAIN;
}

enum sheet_style column_style(size_t column)
{
    return column_style_of_unit(column_unit(column));
}

double column_width(size_t column)
{
    static const struct {
        const char *part;
        double width;
    } widths[] = {{"name", 34},    {"model", 34}, {"frequenc", 20},
                  {"verdict", 20}, {"flags", 40}, {"reason", 40}};
    char label[128];

    column_name(column, label, sizeof label);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        if (strstr(label, widths[i].part))
            return widths[i].width;
    }
    return 16;
}

enum sheet_fill column_fill(const struct step *step)
{
    struct text clauses = {0};
    enum sheet_fill fill = FILL_NONE;

    flags_add(step, &clauses);
    if (step->health.verdict == MEASUREMENT_DEGRADED || step->errors > 0 || clauses.length > 0)
        fill = FILL_DOUBT;
    if (step->health.verdict == MEASUREMENT_INVALID || step->completed == 0 ||
        step->end != STEP_DONE)
        fill = FILL_BAD;
    text_clear(&clauses);
    return fill;
}
