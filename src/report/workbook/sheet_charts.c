/* Charts, drawn from a table beneath them. The library has no boxes: they are columns stacked on an
 * invisible one, so that the first ends at p5, the next at the median and the last at p95. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "core/memory.h"
#include "core/text.h"
#include "report/detail.h"
#include "report/terminal/terminal.h"
#include "report/workbook/sheets.h"

/* Charts stand side by side, each so many pixels; so many lines are legible in one. */
enum {
    CHART_WIDTH = 760,
    CHART_HEIGHT = 380,
    CHART_ROWS = 20,
    CHART_COLUMNS = 11,
    LINES_MOST = 40
};
enum { DATA_ROW = 3 * CHART_ROWS + 4, LABEL = 160, NAME_WIDTH = 20 };

static const char sheet_name[] = "Charts";

/* --- The table -------------------------------------------------------------------------------- */

/* Rows of the study with completed requests, in its order; warm-ups are not among them. */
struct lines {
    const struct pool **line; /* owned */
    size_t count;
    size_t more; /* that are not shown */
};

static void add_line(struct lines *lines, const struct pool *pool)
{
    if (lines->count == LINES_MOST) {
        lines->more++;
        return;
    }
    lines->line = memory_grow(lines->line, lines->count, sizeof *lines->line);
    lines->line[lines->count++] = pool;
}

static bool is_drawn(const struct pool *pool)
{
    return pool->requests > 0 && !pool->row->warmup;
}

static struct lines all_rows(const struct pools *pools)
{
    struct lines lines = {0};

    for (size_t i = 0; i < pools->count; i++) {
        if (is_drawn(&pools->pool[i]))
            add_line(&lines, &pools->pool[i]);
    }
    return lines;
}

/* Whether the two ask for the same under the same load. */
static bool is_equal_load(const struct row *a, const struct row *b)
{
    struct row of_a_model = *a;

    of_a_model.model_name = b->model_name;
    of_a_model.num_requests = b->num_requests;
    return row_compare(&of_a_model, b) == 0;
}

/* Rows of different models under one load: that of which there are the most, and the first of
 * those. None where no two are alike. */
static struct lines equal_rows(const struct pools *pools)
{
    struct lines best = {0};

    for (size_t i = 0; i < pools->count; i++) {
        struct lines alike = {0};

        for (size_t k = i; k < pools->count; k++) {
            if (is_drawn(&pools->pool[k]) && is_equal_load(pools->pool[i].row, pools->pool[k].row))
                add_line(&alike, &pools->pool[k]);
        }
        if (alike.count > 1 && alike.count > best.count) {
            free(best.line);
            best = alike;
        } else {
            free(alike.line);
        }
    }
    return best;
}

/* Columns of the table: the label, then by figure p5, p50 − p5, p95 − p50 of the client's, p50 of
 * both, and at last the throughput. */
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

    sheet_head(sheet, "row");
    for (int figure = 0; figure < BATCH_FIGURES; figure++) {
        for (int i = 0; i < FIGURE_COLUMNS; i++) {
            snprintf(head, sizeof head, "%s: %s", figure_names[figure], series_names[i]);
            sheet_head(sheet, head);
        }
    }
    sheet_head(sheet, "throughput, tokens/s");
    sheet_next(sheet);
}

/* A box of no height is not drawn; one of a millionth is a line. */
static double height(double apart, double median)
{
    return fmax(apart, 1e-6 * median);
}

static void write_line(struct sheet *sheet, const struct pool *pool)
{
    char label[LABEL];

    terminal_row(pool->row, NAME_WIDTH, label, sizeof label);
    sheet_text(sheet, label);
    for (int figure = 0; figure < BATCH_FIGURES; figure++) {
        const struct range *client = &pool->figure[SWITCH_CLIENT][figure];

        sheet->style = figure == BATCH_OUTPUT_SPEED ? STYLE_RATE : STYLE_SECONDS;
        sheet_number(sheet, client->p5);
        sheet_number(sheet, height(client->p50 - client->p5, client->p50));
        sheet_number(sheet, height(client->p95 - client->p50, client->p50));
        sheet_number(sheet, client->p50);
        sheet_number(sheet, pool->figure[SWITCH_SERVER][figure].p50);
    }
    sheet->style = STYLE_RATE;
    sheet_number(sheet, pool->throughput);
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

/* Both sides' columns from `first` on, or the client's alone. */
static void draw_columns(const struct book *book, struct sheet *sheet, const char *title,
                         const char *axis, size_t first, int sides, struct place place, size_t row,
                         size_t column)
{
    lxw_chart *chart = workbook_add_chart(book->workbook, LXW_CHART_COLUMN);
    lxw_chart_options size = {.x_scale = CHART_WIDTH / 480.0, .y_scale = CHART_HEIGHT / 288.0};

    for (int i = 0; i < sides; i++) {
        lxw_chart_series *series = add_series(chart, place, first + (size_t)i, side_names[i]);
        lxw_chart_fill fill = {.color = i == 0 ? CLIENT_COLOUR : SERVER_COLOUR};

        chart_series_set_fill(series, &fill);
    }
    dress(chart, title, axis);
    worksheet_insert_chart_opt(sheet->worksheet, (lxw_row_t)row, (lxw_col_t)column, chart, &size);
}

/* Whether any box of the figure is more than a dash: quantiles of one request are all the same. */
static bool has_spread(const struct lines *lines, int figure)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct range *range = &lines->line[i]->figure[SWITCH_CLIENT][figure];

        if (range->p95 > range->p5)
            return true;
    }
    return false;
}

/* Boxes, or where they have no height the medians alone. */
static void draw_figure(const struct book *book, struct sheet *sheet, int figure, const char *title,
                        const struct lines *lines, struct place place, size_t row, size_t column)
{
    size_t median = 1 + (size_t)figure * FIGURE_COLUMNS + BOX_COLUMNS;
    char full[LABEL];

    snprintf(full, sizeof full, "%s (%s)", title,
             has_spread(lines, figure) ? "p5, median, p95" : "median");
    if (has_spread(lines, figure))
        draw_boxes(book, sheet, figure, full, place, row, column);
    else
        draw_columns(book, sheet, full, figure_names[figure], median, 2, place, row, column);
}

static struct place write_lines(struct sheet *sheet, const struct lines *lines)
{
    struct place place = {.first = sheet->row};

    for (size_t i = 0; i < lines->count; i++)
        write_line(sheet, lines->line[i]);
    place.last = sheet->row - 1;
    return place;
}

static void draw_rows(const struct book *book, struct sheet *sheet, const struct lines *lines,
                      struct place place)
{
    draw_figure(book, sheet, BATCH_TTFT, "TTFT", lines, place, 1, 0);
    draw_figure(book, sheet, BATCH_END_TO_END, "End-to-end latency", lines, place, 1,
                CHART_COLUMNS);
    draw_figure(book, sheet, BATCH_OUTPUT_SPEED, "Output speed per request", lines, place,
                1 + CHART_ROWS, 0);
    draw_columns(book, sheet, "Output throughput", "tokens/s", THROUGHPUT, 1, place, 1 + CHART_ROWS,
                 CHART_COLUMNS);
}

static void draw_models(const struct book *book, struct sheet *sheet, const struct lines *lines,
                        struct place place)
{
    char asked[LABEL], load[LABEL], title[3 * LABEL];

    terminal_tokens(lines->line[0]->row, asked, sizeof asked);
    terminal_load(lines->line[0]->row, load, sizeof load);
    snprintf(title, sizeof title, "Models at %s %s: TTFT", asked, load);
    draw_figure(book, sheet, BATCH_TTFT, title, lines, place, 1 + 2 * CHART_ROWS, 0);
    snprintf(title, sizeof title, "Models at %s %s: output speed per request", asked, load);
    draw_figure(book, sheet, BATCH_OUTPUT_SPEED, title, lines, place, 1 + 2 * CHART_ROWS,
                CHART_COLUMNS);
}

void sheet_charts(const struct book *book, const struct report *report)
{
    const struct pools *pools = &report->detail->pools;
    struct lines rows = all_rows(pools), models = equal_rows(pools);
    struct sheet sheet;
    struct text more = {0};

    if (rows.count > 0) {
        sheet = sheet_blank(book, sheet_name);
        sheet_width(&sheet, 0, NAME_WIDTH + 16);
        sheet.row = DATA_ROW;
        sheet_title(&sheet, "What the charts are drawn from");
        sheet_say(&sheet, "Of each row: quantiles over all of its requests, of every visit; its "
                          "throughput is the mean of its visits.");
        write_heads(&sheet);
        draw_rows(book, &sheet, &rows, write_lines(&sheet, &rows));
        text_printf(&more, "%zu more rows are in the sheet Steps.", rows.more);
        if (rows.more > 0)
            sheet_say(&sheet, more.bytes);
        text_clear(&more);
        sheet_next(&sheet);
        if (models.count > 0)
            draw_models(book, &sheet, &models, write_lines(&sheet, &models));
    }
    free(rows.line);
    free(models.line);
}
