#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/column.h"
#include "report/terminal/terminal.h"
#include "report/workbook/sheets.h"
#include "stats/quantile.h"

/* Everything of a metric, one column each. */
enum { QUANTILES = METRIC_QUANTILES, MEAN = QUANTILES, MIN, MAX, STDDEV, STATISTICS };
enum { NAME = 512, LABEL = 128, BEFORE = 5, OURS_MOST = 128 };

struct steps {
    const struct report *report;
    size_t ours[OURS_MOST]; /* columns of our own */
    size_t our_count;
    enum metric metric[METRIC_COUNT]; /* that any step has */
    size_t metric_count;
    struct sheet_column *about; /* owned, as are the labels */
    char (*label)[LABEL];
    size_t columns;
};

/* --- Which columns ---------------------------------------------------------------------------- */

static bool any_step(const struct report *report,
                     bool (*has)(const struct step *step, size_t which), size_t which)
{
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            if (has(&report->run[i].step[k], which))
                return true;
        }
    }
    return false;
}

static bool has_cell(const struct step *step, size_t column)
{
    return column_cell(column, step).kind != CELL_EMPTY;
}

static bool has_metric(const struct step *step, size_t metric)
{
    return step->metric[metric].count > 0;
}

static void add_column(struct steps *steps, const char *label, const char *unit, double width,
                       enum sheet_style style)
{
    char *own = steps->label[steps->columns];

    snprintf(own, LABEL, "%s", label);
    steps->about[steps->columns++] = (struct sheet_column){own, unit, width, style};
}

static void add_metric(struct steps *steps, enum metric metric)
{
    static const char *const names[] = {"mean", "min", "max", "stddev"};
    const struct metric_about *about = &metric_table[metric];
    char label[LABEL];

    steps->metric[steps->metric_count++] = metric;
    for (int i = 0; i < STATISTICS; i++) {
        if (i < QUANTILES)
            snprintf(label, sizeof label, "%s_p%d", about->key, metric_percent[i]);
        else
            snprintf(label, sizeof label, "%s_%s", about->key, names[i - MEAN]);
        add_column(steps, label, about->unit, 12, column_style_of_unit(about->unit));
    }
}

static void choose(struct steps *steps)
{
    size_t most = BEFORE + column_count() + (size_t)METRIC_COUNT * STATISTICS;

    steps->about = memory_new(most, sizeof *steps->about);
    steps->label = memory_new(most, sizeof *steps->label);
    add_column(steps, "run", "", 22, STYLE_TEXT);
    add_column(steps, "step", "", 6, STYLE_WHOLE);
    add_column(steps, "row", "", 44, STYLE_TEXT);
    add_column(steps, "completed", "requests", 10, STYLE_WHOLE);
    add_column(steps, "errors", "requests", 9, STYLE_WHOLE);
    for (size_t column = 0; column < column_count(); column++) {
        char label[LABEL];

        if (!column_is_ours(column) || column_of_metric(column) ||
            !any_step(steps->report, has_cell, column))
            continue;
        column_name(column, label, sizeof label);
        steps->ours[steps->our_count++] = column;
        add_column(steps, label, column_unit(column), column_width(column), column_style(column));
    }
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        if (metric_table[metric].summarised && any_step(steps->report, has_metric, (size_t)metric))
            add_metric(steps, (enum metric)metric);
    }
}

/* --- Lines ------------------------------------------------------------------------------------ */

/* A quantile that so few values cannot tell is grey: fewer than one of them lies beyond it. */
static void write_metric(struct sheet *sheet, const struct metric_summary *metric, size_t completed)
{
    bool known = metric->count > 0;

    for (int i = 0; i < QUANTILES; i++) {
        sheet->faint = !quantile_is_supported(completed, metric_percent[i] / 100.0);
        sheet_number(sheet, known ? metric->quantile[i] : NAN);
        sheet->faint = false;
    }
    sheet_number(sheet, known ? metric->mean : NAN);
    sheet_number(sheet, known ? metric->least : NAN);
    sheet_number(sheet, known ? metric->most : NAN);
    sheet_number(sheet, known ? metric->stddev : NAN);
}

static void write_step(struct sheet *sheet, const struct steps *steps, const char *run,
                       const struct step *step)
{
    char name[NAME];

    sheet->fill = column_fill(step);
    terminal_row(&step->row, NAME / 2, name, sizeof name);
    sheet_text(sheet, run);
    sheet_number(sheet, (double)step->index);
    sheet_text(sheet, name);
    sheet_number(sheet, (double)step->completed);
    sheet_number(sheet, (double)step->errors);
    for (size_t i = 0; i < steps->our_count; i++) {
        struct cell cell = column_cell(steps->ours[i], step);

        sheet_cell(sheet, &cell);
    }
    for (size_t i = 0; i < steps->metric_count; i++)
        write_metric(sheet, &step->metric[steps->metric[i]], step->completed);
    sheet_next(sheet);
}

void sheet_steps(const struct book *book, const struct report *report)
{
    struct steps steps = {.report = report};
    struct sheet sheet;

    choose(&steps);
    sheet = sheet_begin(book, "Steps", steps.about, steps.columns, 3);
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++)
            write_step(&sheet, &steps, report->run[i].name, &report->run[i].step[k]);
    }
    sheet_end(&sheet);
    sheet_say(&sheet, "Quantiles in grey italics: fewer requests completed than it takes for one "
                      "of them to lie beyond (p95: 20, p99: 100).");
    if (report->definitions)
        sheet_say(&sheet, report->definitions);
    free(steps.about);
    free(steps.label);
}
