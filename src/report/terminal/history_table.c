#include "report/terminal/history_table.h"

#include <math.h>
#include <string.h>

#include "core/unit.h"
#include "report/history_judged.h"
#include "report/terminal/cells.h"
#include "report/terminal/terminal.h"

enum { BAR = 24, BLOCK_BYTES = 3 };

enum { STARTED, RUN, GROUP, VISITS, VALUE, DRAWN, STEP, COLUMNS };

static const struct cells_column columns[COLUMNS] = {
    [STARTED] = {"started", CELLS_LEFT, 3}, [RUN] = {"run", CELLS_LEFT, 0},
    [GROUP] = {"group", CELLS_LEFT, 0},     [VISITS] = {"visits", CELLS_RIGHT, 2},
    [VALUE] = {"value", CELLS_RIGHT, 0},    [DRAWN] = {"", CELLS_LEFT, 1},
    [STEP] = {"step", CELLS_LEFT, 0},
};

/* Whether the metric, less its statistic, is in seconds. */
static bool is_time(const char *metric)
{
    const char *last = strrchr(metric, '_');
    size_t length = strlen(metric);

    if (last && strcmp(last, "_s") != 0)
        length = (size_t)(last - metric);
    return length > 2 && strncmp(metric + length - 2, "_s", 2) == 0 &&
           !(length > 6 && strncmp(metric + length - 6, "_per_s", 6) == 0);
}

static const char *words(const char *metric, double value, char text[UNIT_TEXT])
{
    return is_time(metric) ? unit_time(value, text) : unit_number(value, text);
}

/* In eighths of a block: as much of the bar's room as the value is of the most. */
static const char *bar(double value, double most, char text[BAR * BLOCK_BYTES + 1])
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int parts = most > 0 && value > 0 ? (int)lround(8 * BAR * fmin(value / most, 1)) : 0;

    *text = '\0';
    for (int i = 0; i < parts / 8; i++)
        strcat(text, "█");
    strcat(text, eighths[parts % 8]);
    return text;
}

static double most_of(const struct history *history)
{
    double most = 0;

    for (size_t i = 0; i < history->count; i++)
        most = fmax(most, history->point[i].value);
    return most;
}

static void change_words(const struct change *change, char text[UNIT_TEXT])
{
    double ratio = change->after / change->before;

    if (change->before > 0 && change->after > 0)
        snprintf(text, UNIT_TEXT, "%s %+.1f %%", ratio > 1 ? "▲" : "▼", 100 * (ratio - 1));
    else
        snprintf(text, UNIT_TEXT, "%s", change->after > change->before ? "▲" : "▼");
}

static void set_line(struct cells *cells, const struct history *history, size_t at,
                     const char *metric)
{
    const struct history_point *point = &history->point[at];
    char text[UNIT_TEXT], drawn[BAR * BLOCK_BYTES + 1];

    cells_add_line(cells, NULL);
    cells_set(cells, STARTED, "%.10s %.8s", point->started_utc,
              *point->started_utc ? point->started_utc + strlen("2026-11-29T") : "");
    cells_set(cells, RUN, "%s", point->path);
    if (*point->group)
        cells_set(cells, GROUP, "%s", point->group);
    if (point->visits > 1)
        cells_set(cells, VISITS, "%zu", point->visits);
    cells_set(cells, VALUE, "%s", words(metric, point->value, text));
    cells_set(cells, DRAWN, "%s", bar(point->value, most_of(history), drawn));
    if (point->client_limited)
        cells_set(cells, STEP, "client-limited");
}

static void print_points(FILE *out, const struct history *history,
                         const struct history_judged *judged, const char *metric, const char *by)
{
    struct cells_column own[COLUMNS];
    struct cells cells;

    memcpy(own, columns, sizeof own);
    own[GROUP].heading = by ? by : "";
    cells_init(&cells, own, COLUMNS);
    for (size_t i = 0; i < history->count; i++) {
        const struct change *change = history_judged_at(judged, i);
        char text[UNIT_TEXT];

        set_line(&cells, history, i, metric);
        if (change) {
            change_words(change, text);
            cells_set(&cells, STEP, "%s", text);
        }
    }
    cells_print(&cells, out, terminal_columns(out));
    cells_clear(&cells);
}

/* --- Groups ----------------------------------------------------------------------------------- */

static void print_groups(FILE *out, const struct history_judged *judged, const char *metric,
                         const char *by)
{
    fprintf(out, "\nby %s:\n", by);
    for (size_t i = 0; i < judged->groups; i++) {
        const struct history_group *group = &judged->group[i];
        char texts[3][UNIT_TEXT], runs[UNIT_TEXT];

        fprintf(out, "  %s: mean %s, from %s to %s, %s\n", *group->value ? group->value : "none",
                words(metric, group->mean, texts[0]), words(metric, group->least, texts[1]),
                words(metric, group->most, texts[2]), unit_count(group->runs, "run", NULL, runs));
    }
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void print_change(FILE *out, const struct history *history,
                         const struct history_judged *judged, const struct change *change,
                         const char *metric)
{
    char before[UNIT_TEXT], after[UNIT_TEXT], share[UNIT_TEXT];

    change_words(change, share);
    fprintf(out, "  from %s on: mean %s → %s (%s), p = %.4f\n",
            history->point[judged->point[change->at]].path, words(metric, change->before, before),
            words(metric, change->after, after), share, change->p);
}

static void print_changes(FILE *out, const struct history *history,
                          const struct history_judged *judged, const char *metric)
{
    char steps[UNIT_TEXT], runs[UNIT_TEXT];
    size_t least = 2 * CHANGES_SIDE_LEAST;

    unit_count(judged->count, "run", NULL, runs);
    if (judged->count < least) {
        fprintf(out, "\n%s: a step in the mean takes %zu to be seen\n", runs, least);
        return;
    }
    fprintf(out, "\n%s, %s in the mean (Pettitt's test, p ≤ %g)\n", runs,
            judged->changes == 0 ? "no step" : unit_count(judged->changes, "step", NULL, steps),
            HISTORY_LEVEL);
    for (size_t i = 0; i < judged->changes; i++)
        print_change(out, history, judged, &judged->change[i], metric);
}

void history_table(FILE *out, const struct history *history, const char *metric, const char *by)
{
    struct history_judged judged;

    history_judge(history, &judged);
    fprintf(out, "%s\n%s at %s\n\n", history->row, metric,
            *history->endpoint ? history->endpoint : "an endpoint that is not known");
    print_points(out, history, &judged, metric, by);
    if (by)
        print_groups(out, &judged, metric, by);
    print_changes(out, history, &judged, metric);
    history_judged_clear(&judged);
}
