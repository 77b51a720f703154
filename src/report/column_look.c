#include <string.h>

#include "core/text.h"
#include "report/column.h"
#include "report/flags.h"

enum sheet_look column_look_of_unit(const char *unit)
{
    static const struct {
        const char *unit;
        enum sheet_look look;
    } looks[] = {{"s", LOOK_SECONDS},   {"tokens/s", LOOK_RATE}, {"requests/min", LOOK_RATE},
                 {"share", LOOK_SHARE}, {"tokens", LOOK_WHOLE},  {"requests", LOOK_WHOLE}};

    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        if (strcmp(unit, looks[i].unit) == 0)
            return looks[i].look;
    }
    return LOOK_PLAIN;
}

enum sheet_look column_look(size_t column)
{
    return column_look_of_unit(column_unit(column));
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

enum sheet_shade column_shade(const struct step *step)
{
    struct text clauses = {0};
    enum sheet_shade shade = SHADE_NONE;

    flags_add(step, &clauses);
    if (step->health.verdict == MEASUREMENT_DEGRADED || step->errors > 0 || clauses.length > 0)
        shade = SHADE_DOUBT;
    if (step->health.verdict == MEASUREMENT_INVALID || step->completed == 0 ||
        step->end != STEP_DONE)
        shade = SHADE_BAD;
    text_clear(&clauses);
    return shade;
}
