#include "report/terminal/study_table.h"

#include <math.h>

#include "core/unit.h"
#include "report/study_words.h"
#include "report/terminal/cells.h"
#include "report/terminal/study_matrix.h"
#include "report/terminal/terminal.h"
#include "stats/family.h"
#include "stats/matrix.h"
#include "stats/replicate.h"

enum { VERDICT = 80 };

static void write_verdict(const struct switch_estimate *estimate, char *text, size_t size)
{
    char number[UNIT_TEXT];

    switch (estimate->verdict) {
    case SWITCH_NOT_DETECTED:
        if (estimate->flags & SWITCH_FLAG_INSIDE)
            snprintf(text, size, "only at another batch size");
        else
            snprintf(text, size, "none above %s", unit_time(family_none_above_s(estimate), number));
        break;
    case SWITCH_INCONCLUSIVE:
        if (!(estimate->flags & SWITCH_FLAG_FEW) && estimate->p <= REPLICATE_LEVEL)
            snprintf(text, size, "inconclusive once adjusted");
        else if (estimate->flags & SWITCH_FLAG_FEW)
            snprintf(text, size, "inconclusive: %zu of %zu stood out", estimate->outstanding,
                     estimate->measured);
        else
            snprintf(text, size, "inconclusive below %s", unit_time(estimate->smallest_s, number));
        break;
    case SWITCH_DETECTED:
    case SWITCH_NOT_MEASURABLE:
        snprintf(text, size, "%s", switch_verdict_words[estimate->verdict]);
        break;
    }
}

/* --- A table ---------------------------------------------------------------------------------- */

struct table {
    FILE *out;
    const struct study *study;
    const struct study_group *group;
    size_t count;
    bool transitions; /* from row to row, by their numbers; else to each row, by its name */
    bool after;       /* each row was visited from one other, which stands beside it */
};

/* A row's number in the table of rows; one that is not in it was a warm-up. */
static void write_number(const struct table *table, const struct row *row, char *text, size_t size)
{
    size_t number = row ? matrix_number(table->study, row) : 0;

    if (!row)
        snprintf(text, size, "?");
    else if (number == table->study->rows)
        snprintf(text, size, "warm-up");
    else
        snprintf(text, size, "%zu", number + 1);
}

/* Visits of which it is known whether they paid. */
static size_t seen(const struct study_cost *cost)
{
    return cost->paid + cost->not_paid;
}

static double half(double low, double high)
{
    return (high - low) / 2;
}

/* --- Rows ------------------------------------------------------------------------------------- */

enum { ROW_NUMBER, ROW_AFTER, ROW_NAME, ROW_VISITS, ROW_PAID, ROW_STEADY, ROW_SWITCH, ROW_VERDICT };

static const struct cells_column row_columns[] = {
    [ROW_NUMBER] = {"#", CELLS_RIGHT, 0},      [ROW_AFTER] = {"after", CELLS_RIGHT, 4},
    [ROW_NAME] = {"to", CELLS_ROW, 0},         [ROW_VISITS] = {"visits", CELLS_RIGHT, 2},
    [ROW_PAID] = {"paid", CELLS_RIGHT, 1},     [ROW_STEADY] = {"TTFT", CELLS_RIGHT, 3},
    [ROW_SWITCH] = {"switch", CELLS_RIGHT, 0}, [ROW_VERDICT] = {"verdict", CELLS_LEFT, 0},
};

static void set_switch(const struct switch_estimate *estimate, struct cells *cells)
{
    static const enum colour colours[] = {[SWITCH_DETECTED] = COLOUR_STRONG,
                                          [SWITCH_NOT_DETECTED] = COLOUR_GOOD,
                                          [SWITCH_INCONCLUSIVE] = COLOUR_NOTE,
                                          [SWITCH_NOT_MEASURABLE] = COLOUR_NONE};
    struct cells_line *line = &cells->line[cells->lines - 1];
    char text[UNIT_TEXT], verdict[VERDICT];

    write_verdict(estimate, verdict, sizeof verdict);
    cells_set(cells, ROW_SWITCH, "%s",
              unit_time_within(estimate->value_s, half(estimate->low_s, estimate->high_s), text));
    cells_set(cells, ROW_VERDICT, "%s", verdict);
    line->colour[ROW_SWITCH] = estimate->verdict == SWITCH_DETECTED ? COLOUR_STRONG : COLOUR_DIM;
    line->colour[ROW_VERDICT] = colours[estimate->verdict];
}

static void add_row(const struct table *table, size_t i, struct cells *cells)
{
    const struct study_group *group = &table->group[i];
    char text[UNIT_TEXT];

    cells_add_line(cells, group->to);
    write_number(table, group->to, text, sizeof text);
    cells_set(cells, ROW_NUMBER, "%s", text);
    if (table->after) {
        write_number(table, table->study->transition[i].from, text, sizeof text);
        cells_set(cells, ROW_AFTER, "%s", text);
    }
    cells_set(cells, ROW_VISITS, "%zu", seen(&group->cost));
    cells_set(cells, ROW_PAID, "%zu", group->cost.paid);
    if (group->steady_s > 0)
        cells_set(cells, ROW_STEADY, "%s", unit_time(group->steady_s, text));
    set_switch(&group->estimate, cells);
}

/* --- Transitions ------------------------------------------------------------------------------ */

enum { PAIR_NAME, PAIR_VISITS, PAIR_PAID, PAIR_SWITCH, PAIR_SHARE };

static const struct cells_column pair_columns[] = {
    [PAIR_NAME] = {"from → to", CELLS_RIGHT, 0},
    [PAIR_VISITS] = {"visits", CELLS_RIGHT, 2},
    [PAIR_PAID] = {"paid", CELLS_RIGHT, 1},
    [PAIR_SWITCH] = {"switch", CELLS_RIGHT, 0},
    [PAIR_SHARE] = {"share that paid (95 %)", CELLS_LEFT, 3},
};

static void add_transition(const struct table *table, size_t i, struct cells *cells)
{
    const struct study_cost *cost = &table->group[i].cost;
    char from[32], to[32], text[UNIT_TEXT], range[UNIT_TEXT];

    cells_add_line(cells, table->group[i].to);
    write_number(table, table->group[i].from, from, sizeof from);
    write_number(table, table->group[i].to, to, sizeof to);
    cells_set(cells, PAIR_NAME, "%s → %s", from, to);
    cells_set(cells, PAIR_VISITS, "%zu", seen(cost));
    cells_set(cells, PAIR_PAID, "%zu", cost->paid);
    cells_set(cells, PAIR_SWITCH, "%s",
              cost->paid > 0
                  ? unit_time_within(cost->cost_s, half(cost->cost_low_s, cost->cost_high_s), text)
                  : "–");
    if (seen(cost) > 0)
        cells_set(cells, PAIR_SHARE, "%s (%.0f to %.0f %%)", unit_share(cost->share, range),
                  100 * cost->share_low + 0.0, 100 * cost->share_high + 0.0);
    else
        cells_set(cells, PAIR_SHARE, "not known");
}

/* --- Tables ----------------------------------------------------------------------------------- */

static void print_table(const struct table *table)
{
    struct cells cells;

    if (table->count == 0)
        return;
    if (table->transitions)
        cells_init(&cells, pair_columns, sizeof pair_columns / sizeof *pair_columns);
    else
        cells_init(&cells, row_columns, sizeof row_columns / sizeof *row_columns);
    for (size_t i = 0; i < table->count; i++) {
        if (table->group[i].estimate.verdict == SWITCH_NOT_MEASURABLE)
            continue;
        if (table->transitions)
            add_transition(table, i, &cells);
        else
            add_row(table, i, &cells);
    }
    fprintf(table->out, "\nswitching %s:\n",
            table->transitions ? "from row to row" : "to each row");
    cells_print(&cells, table->out, terminal_columns(table->out));
    cells_clear(&cells);
}

void study_table_rows(FILE *out, const struct study *study)
{
    struct table table = {.out = out,
                          .study = study,
                          .group = study->row,
                          .count = study->rows,
                          .after = study->transitions == study->rows};

    print_table(&table);
    study_words(out, study);
}

void study_table_transitions(FILE *out, const struct study *study)
{
    struct table table = {.out = out,
                          .study = study,
                          .group = study->transition,
                          .count = study->transitions,
                          .transitions = true};

    if (study->transitions == study->rows)
        return;
    study_matrix(out, study);
    print_table(&table);
}

/* --- Models ----------------------------------------------------------------------------------- */

enum {
    MODEL_NAME,
    MODEL_ROWS,
    MODEL_VISITS,
    MODEL_PAID,
    MODEL_SWITCH,
    MODEL_GB,
    MODEL_SPEED,
    MODEL_NOTE
};

static const struct cells_column model_columns[] = {
    [MODEL_NAME] = {"model", CELLS_MODEL, 0},    [MODEL_ROWS] = {"rows", CELLS_RIGHT, 5},
    [MODEL_VISITS] = {"visits", CELLS_RIGHT, 4}, [MODEL_PAID] = {"paid", CELLS_RIGHT, 3},
    [MODEL_SWITCH] = {"switch", CELLS_RIGHT, 0}, [MODEL_GB] = {"GB", CELLS_RIGHT, 2},
    [MODEL_SPEED] = {"GB/s", CELLS_RIGHT, 1},    [MODEL_NOTE] = {"", CELLS_LEFT, 0},
};

static bool say_more_than_rows(const struct study *study)
{
    bool more = study->models < study->rows;

    for (size_t i = 0; i < study->models; i++)
        more |= isfinite(study->model[i].gb_per_s);
    return more;
}

static void add_model(const struct study_model *model, struct cells *cells)
{
    const struct study_cost *cost = &model->cost;
    char text[UNIT_TEXT];

    cells_add_line(cells, NULL);
    cells->line[cells->lines - 1].name = model->name;
    cells_set(cells, MODEL_ROWS, "%zu", model->rows);
    cells_set(cells, MODEL_VISITS, "%zu", seen(cost));
    cells_set(cells, MODEL_PAID, "%zu", cost->paid);
    cells_set(cells, MODEL_SWITCH, "%s",
              unit_time_within(cost->cost_s, half(cost->cost_low_s, cost->cost_high_s), text));
    if (isfinite(model->weight_gb))
        cells_set(cells, MODEL_GB, "%s", unit_number(model->weight_gb, text));
    if (isfinite(model->gb_per_s))
        cells_set(cells, MODEL_SPEED, "%s", unit_number(model->gb_per_s, text));
    if (model->differ_p <= REPLICATE_LEVEL)
        cells_set(cells, MODEL_NOTE, "its rows differ");
}

void study_table_models(FILE *out, const struct study *study)
{
    struct cells cells;
    char overhead[UNIT_TEXT];

    if (!say_more_than_rows(study))
        return;
    fprintf(out, "\nswitching to each model:\n");
    cells_init(&cells, model_columns, sizeof model_columns / sizeof *model_columns);
    for (size_t i = 0; i < study->models; i++)
        add_model(&study->model[i], &cells);
    cells_print(&cells, out, terminal_columns(out));
    cells_clear(&cells);
    if (study->loading.rows > 0)
        terminal_say(out,
                     "GB/s is a model's weight by its switch less %s, the overhead of "
                     "each load that the rows show together. Loading and evicting can be separated "
                     "only up to a constant: all of it is counted as loading.",
                     unit_time(study->loading.overhead_s, overhead));
}
