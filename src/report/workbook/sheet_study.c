#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "report/flags.h"
#include "report/short_name.h"
#include "report/study_words.h"
#include "report/terminal/terminal.h"
#include "report/workbook/sheets.h"
#include "stats/matrix.h"

enum { NAME = 256, MATRIX_MOST = 200, HEAD_WIDTH = 20 };

static void write_row(struct sheet *sheet, const struct row *row)
{
    char name[NAME];

    if (row)
        terminal_row(row, NAME, name, sizeof name);
    sheet_text(sheet, row ? name : "not known");
}

static void write_flags(struct sheet *sheet, int flags)
{
    struct text words = {0};

    flags_add_switch(flags, &words);
    sheet_text(sheet, words.length > 0 ? words.bytes : "");
    text_clear(&words);
}

static enum sheet_fill fill_of(enum switch_verdict verdict)
{
    return verdict == SWITCH_INCONCLUSIVE || verdict == SWITCH_NOT_MEASURABLE ? FILL_DOUBT
                                                                              : FILL_NONE;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static const struct sheet_column row_columns[] = {
    {"#", "", 5, STYLE_WHOLE},
    {"row", "", 44, STYLE_TEXT},
    {"verdict", "", 15, STYLE_TEXT},
    {"visits", "", 8, STYLE_WHOLE},
    {"visits measured", "", 10, STYLE_WHOLE},
    {"visits that paid", "", 10, STYLE_WHOLE},
    {"visits that did not pay", "", 10, STYLE_WHOLE},
    {"visits that could not show it", "", 10, STYLE_WHOLE},
    {"switch", "s", 10, STYLE_SECONDS},
    {"interval from", "s", 10, STYLE_SECONDS},
    {"interval to", "s", 10, STYLE_SECONDS},
    {"smallest detectable", "s", 11, STYLE_SECONDS},
    {"p, adjusted", "", 11, STYLE_P},
    {"by the clock of", "", 10, STYLE_TEXT},
    {"TTFT without a switch", "s", 12, STYLE_SECONDS},
    {"TTFT varies by", "", 10, STYLE_SHARE},
    {"p that it does not depend on the row before", "", 16, STYLE_P},
    {"why not measurable", "", 26, STYLE_TEXT},
    {"flags", "", 60, STYLE_TEXT},
};

static void write_conclusion(struct sheet *sheet, size_t number, const struct study_group *group)
{
    const struct switch_estimate *estimate = &group->estimate;
    bool measurable = estimate->verdict != SWITCH_NOT_MEASURABLE;

    sheet->fill = fill_of(estimate->verdict);
    sheet_number(sheet, (double)number);
    write_row(sheet, group->to);
    sheet_text(sheet, switch_verdict_words[estimate->verdict]);
    sheet_number(sheet, (double)estimate->visits);
    sheet_number(sheet, (double)estimate->measured);
    sheet_number(sheet, (double)group->cost.paid);
    sheet_number(sheet, (double)group->cost.not_paid);
    sheet_number(sheet, (double)group->cost.unknown);
    sheet_number(sheet, estimate->value_s);
    sheet_number(sheet, estimate->low_s);
    sheet_number(sheet, estimate->high_s);
    sheet_number(sheet, estimate->smallest_s);
    sheet_number(sheet, estimate->p_adjusted);
    sheet_text(sheet, measurable ? switch_source_words[estimate->source] : "");
    sheet_number(sheet, group->steady_s);
    sheet_number(sheet, estimate->spread);
    sheet_number(sheet, group->order_p);
    sheet_text(sheet, measurable ? "" : switch_reason_words[estimate->reason]);
    write_flags(sheet, estimate->flags);
    sheet_next(sheet);
}

static void say(void *context, const char *sentence)
{
    sheet_say(context, sentence);
}

void sheet_switching(const struct book *book, const struct report *report)
{
    const struct study *study = report->study;
    struct sheet sheet;

    if (study->rows == 0)
        return;
    sheet =
        sheet_begin(book, "Switching", row_columns, sizeof row_columns / sizeof *row_columns, 2);
    for (size_t i = 0; i < study->rows; i++)
        write_conclusion(&sheet, i + 1, &study->row[i]);
    sheet_end(&sheet);
    sheet_next(&sheet);
    study_words_each(study_words, study, say, &sheet);
}

/* --- Transitions ------------------------------------------------------------------------------ */

/* What write_cost fills. */
#define COST_COLUMNS                                                                               \
    {"visits", "", 8, STYLE_WHOLE}, {"visits that paid", "", 10, STYLE_WHOLE},                     \
        {"visits that did not pay", "", 10, STYLE_WHOLE},                                          \
        {"visits that could not show it", "", 10, STYLE_WHOLE},                                    \
        {"share that paid", "", 10, STYLE_SHARE}, {"95 % from", "", 9, STYLE_SHARE},               \
        {"95 % to", "", 9, STYLE_SHARE}, {"switch, of those that paid", "s", 12, STYLE_SECONDS},   \
        {"interval from", "s", 10, STYLE_SECONDS},                                                 \
    {                                                                                              \
        "interval to", "s", 10, STYLE_SECONDS                                                      \
    }

static const struct sheet_column transition_columns[] = {
    {"from #", "", 7, STYLE_WHOLE},
    {"to #", "", 7, STYLE_WHOLE},
    {"from", "", 44, STYLE_TEXT},
    {"to", "", 44, STYLE_TEXT},
    COST_COLUMNS,
};

static void write_cost(struct sheet *sheet, const struct study_cost *cost)
{
    sheet_number(sheet, (double)cost->visits);
    sheet_number(sheet, (double)cost->paid);
    sheet_number(sheet, (double)cost->not_paid);
    sheet_number(sheet, (double)cost->unknown);
    sheet_number(sheet, cost->share);
    sheet_number(sheet, cost->share_low);
    sheet_number(sheet, cost->share_high);
    sheet_number(sheet, cost->cost_s);
    sheet_number(sheet, cost->cost_low_s);
    sheet_number(sheet, cost->cost_high_s);
}

/* A warm-up, and what is not known, has none. */
static double number_of(const struct study *study, const struct row *row)
{
    size_t number = row ? matrix_number(study, row) : study->rows;

    return number < study->rows ? (double)(number + 1) : NAN;
}

void sheet_transitions(const struct book *book, const struct report *report)
{
    const struct study *study = report->study;
    struct sheet sheet;

    if (!study_measured(study))
        return;
    sheet = sheet_begin(book, "Transitions", transition_columns,
                        sizeof transition_columns / sizeof *transition_columns, 2);
    for (size_t i = 0; i < study->transitions; i++) {
        const struct study_group *one = &study->transition[i];

        sheet_number(&sheet, number_of(study, one->from));
        sheet_number(&sheet, number_of(study, one->to));
        write_row(&sheet, one->from);
        write_row(&sheet, one->to);
        write_cost(&sheet, &one->cost);
        sheet_next(&sheet);
    }
    sheet_end(&sheet);
}

/* --- The matrix ------------------------------------------------------------------------------- */

/* What a cell of one of the tables tells; NAN: nothing. */
typedef double cell_value(const struct study_cost *cost);

static double cost_value(const struct study_cost *cost)
{
    return cost->cost_s;
}

static double share_value(const struct study_cost *cost)
{
    return cost->share;
}

static double paid_value(const struct study_cost *cost)
{
    return cost->visits > 0 ? (double)cost->paid : NAN;
}

static double not_paid_value(const struct study_cost *cost)
{
    return cost->visits > 0 ? (double)cost->not_paid : NAN;
}

static double visits_value(const struct study_cost *cost)
{
    return cost->visits > 0 ? (double)cost->visits : NAN;
}

static const struct {
    const char *title;
    cell_value *value;
    enum sheet_style style;
    bool heat;
} matrices[] = {
    {"What a switch cost, in seconds, of the visits that paid", cost_value, STYLE_SECONDS, true},
    {"Share of the visits that paid", share_value, STYLE_SHARE, true},
    {"Visits that paid", paid_value, STYLE_WHOLE, false},
    {"Visits that did not pay", not_paid_value, STYLE_WHOLE, false},
    {"Visits that could be measured", visits_value, STYLE_WHOLE, false},
};

/* Whether several rows ask the same model, so that its name alone does not tell them apart. */
static bool models_repeat(const struct study *study)
{
    return study->models < study->rows;
}

/* A row's number and name, short enough for the head of a column. */
static void write_head(struct sheet *sheet, const struct study *study, size_t number)
{
    const struct row *row = study->row[number].to;
    char name[NAME], head[NAME + 32];

    if (models_repeat(study))
        terminal_row(row, HEAD_WIDTH, name, sizeof name);
    else
        short_name(row->model_name, HEAD_WIDTH, name, sizeof name);
    snprintf(head, sizeof head, "%zu %s", number + 1, name);
    sheet_head(sheet, head);
}

static void write_matrix(struct sheet *sheet, const struct study *study,
                         const struct study_group **cell, size_t which)
{
    size_t first = sheet->row + 2, rows = study->rows;

    sheet_say(sheet, matrices[which].title);
    sheet_head(sheet, "#");
    sheet_head(sheet, "from \\ to");
    for (size_t to = 0; to < rows; to++)
        write_head(sheet, study, to);
    sheet_next(sheet);
    for (size_t from = 0; from < rows; from++) {
        sheet_number(sheet, (double)(from + 1));
        write_row(sheet, study->row[from].to);
        for (size_t to = 0; to < rows; to++) {
            const struct study_group *one = cell[from * rows + to];

            sheet->style = matrices[which].style;
            sheet_number(sheet, one ? matrices[which].value(&one->cost) : NAN);
        }
        sheet_next(sheet);
    }
    if (matrices[which].heat)
        sheet_heat(sheet, first, 2, first + rows - 1, 1 + rows);
    sheet_next(sheet);
}

void sheet_matrix(const struct book *book, const struct report *report)
{
    const struct study *study = report->study;
    const struct study_group **cell;
    struct sheet sheet;

    if (!study_measured(study) || study->rows < 2 || study->rows > MATRIX_MOST)
        return;
    sheet = sheet_blank(book, "Matrix");
    sheet_width(&sheet, 0, 5);
    sheet_width(&sheet, 1, 44);
    for (size_t to = 0; to < study->rows; to++)
        sheet_width(&sheet, 2 + to, HEAD_WIDTH + 3);
    cell = matrix_make(study);
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        write_matrix(&sheet, study, cell, i);
    free(cell);
}

/* --- Models ----------------------------------------------------------------------------------- */

static const struct sheet_column model_columns[] = {
    {"model", "", 40, STYLE_TEXT},
    {"rows", "", 7, STYLE_WHOLE},
    COST_COLUMNS,
    {"p that its rows cost the same", "", 14, STYLE_P},
    {"weights", "GB", 10, STYLE_RATE},
    {"loading speed", "GB/s", 10, STYLE_WHOLE},
    {"speed that the bundle file states", "GB/s", 14, STYLE_WHOLE},
};

static void say_loading(struct sheet *sheet, const struct study_loading *loading)
{
    struct text text = {0};

    sheet_next(sheet);
    text_printf(&text,
                "All rows of known weight together: %.1f ± %.1f ms for each load, and %.0f GB/s "
                "(95 %%: %.0f to %.0f).",
                1000 * loading->overhead_s, 1000 * loading->overhead_error_s, loading->gb_per_s,
                loading->gb_per_s_low, loading->gb_per_s_high);
    sheet_say(sheet, text.bytes);
    sheet_say(sheet, "Loading and evicting can be separated only up to a constant: all of it is "
                     "counted as loading.");
    text_clear(&text);
}

void sheet_models(const struct book *book, const struct report *report)
{
    const struct study *study = report->study;
    struct sheet sheet;

    if (!study_measured(study))
        return;
    sheet = sheet_begin(book, "Per model", model_columns,
                        sizeof model_columns / sizeof *model_columns, 1);
    for (size_t i = 0; i < study->models; i++) {
        const struct study_model *model = &study->model[i];

        sheet_text(&sheet, model->name);
        sheet_number(&sheet, (double)model->rows);
        write_cost(&sheet, &model->cost);
        sheet_number(&sheet, model->differ_p);
        sheet_number(&sheet, model->weight_gb);
        sheet_number(&sheet, model->gb_per_s);
        sheet_number(&sheet, study->visit[0].step->node_gb_per_s);
        sheet_next(&sheet);
    }
    sheet_end(&sheet);
    if (study->loading.rows > 0)
        say_loading(&sheet, &study->loading);
}

/* --- Residency -------------------------------------------------------------------------------- */

static const struct sheet_column distance_columns[] = {
    {"others that ran since the last visit", "", 20, STYLE_WHOLE},
    {"revisits", "", 10, STYLE_WHOLE},
    {"that paid", "", 10, STYLE_WHOLE},
    {"share that paid", "", 10, STYLE_SHARE},
};

void sheet_residency(const struct book *book, const struct report *report)
{
    const struct study_residency *residency = &report->study->residency;
    struct sheet sheet;

    if (residency->revisits == 0 ||
        (residency->units < 2 && residency->rule != RESIDENCY_IDLE_EXPIRY))
        return;
    sheet = sheet_begin(book, "Residency", distance_columns,
                        sizeof distance_columns / sizeof *distance_columns, 1);
    for (size_t d = 0; d < residency->units; d++) {
        if (residency->visits[d] == 0)
            continue;
        sheet_number(&sheet, (double)d);
        sheet_number(&sheet, (double)residency->visits[d]);
        sheet_number(&sheet, (double)residency->paid[d]);
        sheet_number(&sheet, (double)residency->paid[d] / (double)residency->visits[d]);
        sheet_next(&sheet);
    }
    sheet_heat(&sheet, sheet.first, 3, sheet.row - 1, 3);
    sheet_next(&sheet);
    study_words_each(study_words_residency, report->study, say, &sheet);
}
