/* Charts, drawn from a table beneath them. The library has no boxes: they are columns stacked on an
 * invisible one, so that the first ends at p5, the next at the median and the last at p95. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "core/memory.h"
#include "core/text.h"
#include "report/brief.h"
#include "report/detail.h"
#include "report/sheets.h"

/* Charts stand side by side, each so many pixels; so many lines are legible in one. */
enum {
    CHART_WIDTH = 760,
    CHART_HEIGHT = 380,
    CHART_ROWS = 20,
    CHART_COLUMNS = 11,
    LINES_MOST = 40
};
enum { DATA_ROW = 3 * CHART_ROWS + 4, LABEL = 96, NAME_WIDTH = 20 };

static const char sheet_name[] = "Charts";

/* --- The table -------------------------------------------------------------------------------- */

/* A model at a batch size: means over its steps of their quantiles, each weighing as many as the
 * requests it is of. A model: over all of its steps and batch sizes. */
struct line {
    const char *model;
    double size; /* NAN: not known, or all */
    double weight[SWITCH_SOURCES][BATCH_FIGURES];
    struct range sum[SWITCH_SOURCES][BATCH_FIGURES];
};

struct lines {
    struct line *line; /* owned */
    size_t count;
    size_t more; /* that are not shown */
};

static bool same_size(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static struct line *find_line(struct lines *lines, const char *model, double size)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (strcmp(lines->line[i].model, model) == 0 && same_size(lines->line[i].size, size))
            return &lines->line[i];
    }
    lines->line = memory_grow(lines->line, lines->count, sizeof *lines->line);
    lines->line[lines->count] = (struct line){.model = model, .size = size};
    return &lines->line[lines->count++];
}

static void add_batch(struct line *line, const struct batch_figures *batch)
{
    double weight = (double)batch->requests;

    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++) {
            const struct range *range = &batch->figure[source][figure];
            struct range *sum = &line->sum[source][figure];

            if (isnan(range->p50))
                continue;
            line->weight[source][figure] += weight;
            sum->p5 += weight * range->p5;
            sum->p50 += weight * range->p50;
            sum->p95 += weight * range->p95;
        }
    }
}

static int by_model_and_size(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int order = strcmp(x->model, y->model);

    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static struct lines collect(const struct detail *detail, bool by_size)
{
    struct lines lines = {0};

    for (size_t i = 0; i < detail->steps; i++) {
        const struct step_detail *step = &detail->step[i];

        for (size_t k = 0; k < step->batches && !step->step->row.warmup; k++)
            add_batch(
                find_line(&lines, step->step->row.model_name, by_size ? step->batch[k].size : NAN),
                &step->batch[k]);
    }
    if (lines.count > 0)
        qsort(lines.line, lines.count, sizeof *lines.line, by_model_and_size);
    if (lines.count > LINES_MOST) {
        lines.more = lines.count - LINES_MOST;
        lines.count = LINES_MOST;
    }
    return lines;
}

/* Columns of the table: the label, then by figure p5, p50 − p5, p95 − p50 of the client's, p50 of
 * both, and at last both throughputs. */
enum { BOX_COLUMNS = 3, FIGURE_COLUMNS = BOX_COLUMNS + 2 };
enum { THROUGHPUT = 1 + BATCH_FIGURES * FIGURE_COLUMNS };

static const char *const figure_names[BATCH_FIGURES] = {"TTFT, s", "end-to-end latency, s",
                                                        "output speed, tokens/s"};
static const char *const series_names[FIGURE_COLUMNS] = {"p5", "p5 to median", "median to p95",
                                                         "client median", "server median"};
static const char *const side_names[] = {"client", "server"};

static void write_heads(struct sheet *sheet)
{
    char head[LABEL];

    sheet_head(sheet, "model, batch size");
    for (int figure = 0; figure < BATCH_FIGURES; figure++) {
        for (int i = 0; i < FIGURE_COLUMNS; i++) {
            snprintf(head, sizeof head, "%s: %s", figure_names[figure], series_names[i]);
            sheet_head(sheet, head);
        }
    }
    sheet_head(sheet, "client throughput, tokens/s");
    sheet_head(sheet, "server throughput, tokens/s");
    sheet_next(sheet);
}

/* A box of no height is not drawn; one of a millionth is a line. */
static double height(double apart, double median)
{
    return fmax(apart, 1e-6 * median);
}

static void write_line(struct sheet *sheet, const struct line *line)
{
    char name[LABEL], label[LABEL + 32];

    brief_name(line->model, NAME_WIDTH, name, sizeof name);
    snprintf(label, sizeof label, isnan(line->size) ? "%s" : "%s, %g", name, line->size);
    sheet_text(sheet, label);
    for (int figure = 0; figure < BATCH_FIGURES; figure++) {
        const struct range *client = &line->sum[SWITCH_CLIENT][figure];
        const struct range *server = &line->sum[SWITCH_SERVER][figure];
        double of_client = line->weight[SWITCH_CLIENT][figure];

        sheet->look = figure == BATCH_OUTPUT_SPEED ? LOOK_RATE : LOOK_SECONDS;
        sheet_number(sheet, client->p5 / of_client);
        sheet_number(sheet, height(client->p50 - client->p5, client->p50) / of_client);
        sheet_number(sheet, height(client->p95 - client->p50, client->p50) / of_client);
        sheet_number(sheet, client->p50 / of_client);
        sheet_number(sheet, server->p50 / line->weight[SWITCH_SERVER][figure]);
    }
    sheet->look = LOOK_RATE;
    sheet_number(sheet, line->size * line->sum[SWITCH_CLIENT][BATCH_OUTPUT_SPEED].p50 /
                            line->weight[SWITCH_CLIENT][BATCH_OUTPUT_SPEED]);
    sheet_number(sheet, line->size * line->sum[SWITCH_SERVER][BATCH_OUTPUT_SPEED].p50 /
                            line->weight[SWITCH_SERVER][BATCH_OUTPUT_SPEED]);
    sheet_next(sheet);
}

/* --- Charts ----------------------------------------------------------------------------------- */

enum {
    CLIENT_COLOUR = 0x1F5F99,
    SERVER_COLOUR = 0xD9822B,
    BOX_COLOUR = 0x8FB8DE,
    BOX_TOP_COLOUR = 0xD5E4F2
};

/* Where a chart's lines stand in the sheet. */
struct place {
    size_t first, last;
};

static lxw_chart_series *add_series(lxw_chart *chart, struct place place, size_t column,
                                    const char *name)
{
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);

    chart_series_set_categories(series, sheet_name, (lxw_row_t)place.first, 0,
                                (lxw_row_t)place.last, 0);
    chart_series_set_values(series, sheet_name, (lxw_row_t)place.first, (lxw_col_t)column,
                            (lxw_row_t)place.last, (lxw_col_t)column);
    chart_series_set_name(series, name);
    return series;
}

static void dress(lxw_chart *chart, const char *title, const char *axis)
{
    lxw_chart_font small = {.size = 8, .rotation = -45};
    lxw_chart_line grid = {.color = 0xE3E6EA, .width = 0.75};

    chart_title_set_name(chart, title);
    chart_axis_set_name(chart->y_axis, axis);
    chart_axis_set_min(chart->y_axis, 0);
    chart_axis_major_gridlines_set_line(chart->y_axis, &grid);
    chart_axis_set_num_font(chart->x_axis, &small);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
}

static void draw_boxes(const struct book *book, struct sheet *sheet, int figure, const char *title,
                       struct place place, size_t row, size_t column)
{
    static const uint32_t colours[BOX_COLUMNS] = {0, BOX_COLOUR, BOX_TOP_COLOUR};
    lxw_chart *chart = workbook_add_chart(book->workbook, LXW_CHART_COLUMN_STACKED);
    lxw_chart_options size = {.x_scale = CHART_WIDTH / 480.0, .y_scale = CHART_HEIGHT / 288.0};
    lxw_chart_line edge = {.color = CLIENT_COLOUR, .width = 1.25}; /* else a box of no height */
    int16_t unnamed[] = {0, -1};

    for (int i = 0; i < BOX_COLUMNS; i++) {
        lxw_chart_series *series =
            add_series(chart, place, 1 + (size_t)(figure * FIGURE_COLUMNS + i), series_names[i]);
        lxw_chart_fill fill = {.color = colours[i], .none = i == 0};

        chart_series_set_fill(series, &fill);
        if (i > 0)
            chart_series_set_line(series, &edge);
    }
    chart_set_series_gap(chart, 60);
    chart_legend_delete_series(chart, unnamed);
    dress(chart, title, figure_names[figure]);
    worksheet_insert_chart_opt(sheet->worksheet, (lxw_row_t)row, (lxw_col_t)column, chart, &size);
}

static void draw_columns(const struct book *book, struct sheet *sheet, const char *title,
                         const char *axis, const size_t columns[2], struct place place, size_t row,
                         size_t column)
{
    lxw_chart *chart = workbook_add_chart(book->workbook, LXW_CHART_COLUMN);
    lxw_chart_options size = {.x_scale = CHART_WIDTH / 480.0, .y_scale = CHART_HEIGHT / 288.0};

    for (int i = 0; i < 2; i++) {
        lxw_chart_series *series = add_series(chart, place, columns[i], side_names[i]);
        lxw_chart_fill fill = {.color = i == 0 ? CLIENT_COLOUR : SERVER_COLOUR};

        chart_series_set_fill(series, &fill);
    }
    dress(chart, title, axis);
    worksheet_insert_chart_opt(sheet->worksheet, (lxw_row_t)row, (lxw_col_t)column, chart, &size);
}

static struct place write_lines(struct sheet *sheet, const struct lines *lines)
{
    struct place place = {.first = sheet->row};

    for (size_t i = 0; i < lines->count; i++)
        write_line(sheet, &lines->line[i]);
    place.last = sheet->row - 1;
    return place;
}

static void draw(const struct book *book, struct sheet *sheet, struct place sizes,
                 struct place models)
{
    const size_t speeds[] = {1 + BATCH_OUTPUT_SPEED * FIGURE_COLUMNS + BOX_COLUMNS,
                             1 + BATCH_OUTPUT_SPEED * FIGURE_COLUMNS + BOX_COLUMNS + 1};
    const size_t throughputs[] = {THROUGHPUT, THROUGHPUT + 1};

    draw_boxes(book, sheet, BATCH_TTFT, "TTFT by batch size (p5, median, p95)", sizes, 1, 0);
    draw_boxes(book, sheet, BATCH_END_TO_END, "End-to-end latency by batch size", sizes, 1,
               CHART_COLUMNS);
    draw_boxes(book, sheet, BATCH_OUTPUT_SPEED, "Output speed by batch size, per request", sizes,
               1 + CHART_ROWS, 0);
    draw_columns(book, sheet, "Total output throughput per batch size", "tokens/s", throughputs,
                 sizes, 1 + CHART_ROWS, CHART_COLUMNS);
    draw_boxes(book, sheet, BATCH_TTFT, "Models: TTFT (p5, median, p95)", models,
               1 + 2 * CHART_ROWS, 0);
    draw_columns(book, sheet, "Models: median output speed per request", "tokens/s", speeds, models,
                 1 + 2 * CHART_ROWS, CHART_COLUMNS);
}

void sheet_charts(const struct book *book, const struct report *report)
{
    struct lines by_size = collect(report->detail, true), by_model = collect(report->detail, false);
    struct sheet sheet;
    struct place sizes, models;
    struct text more = {0};

    if (by_size.count > 0) {
        sheet = sheet_blank(book, sheet_name);
        sheet_width(&sheet, 0, NAME_WIDTH + 4);
        sheet.row = DATA_ROW;
        sheet_title(&sheet, "What the charts are drawn from");
        sheet_say(&sheet, "Of each model at each batch size, over all of its steps: the means of "
                          "their quantiles, each weighing as many as its requests.");
        write_heads(&sheet);
        sizes = write_lines(&sheet, &by_size);
        sheet_next(&sheet);
        models = write_lines(&sheet, &by_model);
        text_printf(&more, "%zu more of model and batch size are in the sheet Batches.",
                    by_size.more);
        if (by_size.more > 0)
            sheet_say(&sheet, more.bytes);
        text_clear(&more);
        draw(book, &sheet, sizes, models);
    }
    free(by_size.line);
    free(by_model.line);
}
