/* Latency against load: what a model's requests take at each concurrency or rate that the runs
 * have, and what throughput that buys. Drawn from the table above it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "core/memory.h"
#include "report/short_name.h"
#include "report/terminal/terminal.h"
#include "report/workbook/sheets.h"

static const char name[] = "Load";

enum { LABEL = 256, NAME_WIDTH = 28 };
enum {
    CHART_WIDTH = 470,
    CHART_HEIGHT = 340,
    CHART_ROWS = 18,
    CHART_COLUMNS = 2,
    SERIES_MOST = 12
};

static const struct sheet_column columns[] = {
    {"model and lengths", "", 44, STYLE_TEXT},
    {"kind of load", "", 16, STYLE_TEXT},
    {"load", "", 12, STYLE_PLAIN},
    {"visits", "", 8, STYLE_WHOLE},
    {"TTFT p50", "s", 12, STYLE_SECONDS},
    {"TTFT p95", "s", 12, STYLE_SECONDS},
    {"end-to-end p50", "s", 12, STYLE_SECONDS},
    {"output throughput", "tokens/s", 12, STYLE_RATE},
};

/* The columns that charts are drawn from. */
enum { COLUMN_LOAD = 2, COLUMN_P50 = 4, COLUMN_THROUGHPUT = 7 };

enum figure { FIGURE_P50, FIGURE_P95, FIGURE_END_TO_END, FIGURE_THROUGHPUT, FIGURES };

/* A row at one load: the means of its visits' figures. */
struct point {
    const struct row *row;
    size_t visits, known[FIGURES];
    double sum[FIGURES];
};

struct points {
    struct point *point; /* owned */
    size_t count;
};

/* --- Points ----------------------------------------------------------------------------------- */

static double load_of(const struct row *row)
{
    return row->concurrent_requests > 0 ? (double)row->concurrent_requests : row->qps;
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* How sends of an open loop are spaced, but for their rate. */
static int compare_pacing(const struct row *a, const struct row *b)
{
    int order = (int)a->qps_distribution - (int)b->qps_distribution;

    order = order ? order : compare_numbers(a->burstiness, b->burstiness);
    order = order ? order : compare_numbers(a->qps_end, b->qps_end);
    order = order ? order : (int)a->qps_ramp - (int)b->qps_ramp;
    return order ? order : compare_numbers((double)a->max_in_flight, (double)b->max_in_flight);
}

/* Orders rows by all that they ask for but how much of it at once; 0: they belong to one curve. */
static int compare_curves(const struct row *a, const struct row *b)
{
    int order = strcmp(a->model_name, b->model_name);

    order = order ? order : compare_numbers((double)a->input_tokens, (double)b->input_tokens);
    order = order ? order : compare_numbers((double)a->output_tokens, (double)b->output_tokens);
    order = order ? order : (int)a->multimodal_img_size - (int)b->multimodal_img_size;
    order = order ? order : compare_texts(a->dataset, b->dataset);
    order = order ? order : compare_numbers((double)a->prefix_tokens, (double)b->prefix_tokens);
    order = order ? order : compare_numbers((double)row_turns(a), (double)row_turns(b));
    order = order ? order : compare_numbers(a->think_time_s, b->think_time_s);
    order = order ? order : (a->concurrent_requests == 0) - (b->concurrent_requests == 0);
    return order || a->concurrent_requests > 0 ? order : compare_pacing(a, b);
}

static int by_curve_and_load(const void *a, const void *b)
{
    const struct row *x = ((const struct point *)a)->row, *y = ((const struct point *)b)->row;
    int order = compare_curves(x, y);

    return order ? order : compare_numbers(load_of(x), load_of(y));
}

static struct point *find(struct points *points, const struct row *row)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct row *other = points->point[i].row;

        if (compare_curves(other, row) == 0 && load_of(other) == load_of(row))
            return &points->point[i];
    }
    points->point = memory_grow(points->point, points->count, sizeof *points->point);
    points->point[points->count] = (struct point){.row = row};
    return &points->point[points->count++];
}

static double quantile_of(const struct step *step, enum metric metric, int percent)
{
    for (int i = 0; i < METRIC_QUANTILES && step->metric[metric].count > 0; i++) {
        if (metric_percent[i] == percent)
            return step->metric[metric].quantile[i];
    }
    return NAN;
}

static void add_step(struct points *points, const struct step *step)
{
    struct point *point = find(points, &step->row);
    const double figures[FIGURES] = {
        [FIGURE_P50] = quantile_of(step, METRIC_CLIENT_TTFT_S, 50),
        [FIGURE_P95] = quantile_of(step, METRIC_CLIENT_TTFT_S, 95),
        [FIGURE_END_TO_END] = quantile_of(step, METRIC_CLIENT_END_TO_END_LATENCY_S, 50),
        [FIGURE_THROUGHPUT] = step->client_total_output_throughput,
    };

    point->visits++;
    for (int i = 0; i < FIGURES; i++) {
        if (!isfinite(figures[i]))
            continue;
        point->sum[i] += figures[i];
        point->known[i]++;
    }
}

/* How many from here on are of one curve. */
static size_t length_of(const struct points *points, size_t from)
{
    size_t length = 1;

    while (from + length < points->count &&
           compare_curves(points->point[from].row, points->point[from + length].row) == 0)
        length++;
    return length;
}

/* Points that are alone on their curve show nothing of load. */
static void drop_single(struct points *points)
{
    size_t kept = 0;

    for (size_t i = 0, length; i < points->count; i += length) {
        length = length_of(points, i);
        for (size_t k = 0; length > 1 && k < length; k++)
            points->point[kept++] = points->point[i + k];
    }
    points->count = kept;
}

static struct points collect(const struct report *report)
{
    struct points points = {0};

    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            const struct step *step = &report->run[i].step[k];

            if (row_is_studied(&step->row) && step->completed > 0)
                add_step(&points, step);
        }
    }
    if (points.count > 0)
        qsort(points.point, points.count, sizeof *points.point, by_curve_and_load);
    drop_single(&points);
    return points;
}

/* --- The table -------------------------------------------------------------------------------- */

static const char *kind_of(const struct row *row)
{
    return row->concurrent_requests > 0 ? "requests at once" : "requests/s";
}

/* "Llama-3.3-70B 1000→64" */
static void name_curve(const struct row *row, char *text, size_t size)
{
    char model[LABEL], tokens[LABEL];

    short_name(row->model_name, NAME_WIDTH, model, sizeof model);
    terminal_tokens(row, tokens, sizeof tokens);
    snprintf(text, size, "%s %s%s%s", model, tokens, row->multimodal_img_size ? " image " : "",
             row_image_names[row->multimodal_img_size]);
}

static void write_point(struct sheet *sheet, const struct point *point)
{
    char label[3 * LABEL];

    name_curve(point->row, label, sizeof label);
    sheet_text(sheet, label);
    sheet_text(sheet, kind_of(point->row));
    sheet_number(sheet, load_of(point->row));
    sheet_number(sheet, (double)point->visits);
    for (int i = 0; i < FIGURES; i++)
        sheet_number(sheet, point->known[i] > 0 ? point->sum[i] / (double)point->known[i] : NAN);
    sheet_next(sheet);
}

/* --- Charts ----------------------------------------------------------------------------------- */

/* What is drawn against what. */
struct picture {
    const char *title, *x, *y;
    lxw_col_t across, up;
};

static const uint32_t colours[SERIES_MOST] = {0x1F5F99, 0xD9822B, 0x2E8B57, 0xB03A5B,
                                              0x6A4C93, 0x8A6D3B, 0x17A2B8, 0x5F6B7A,
                                              0x9CCC65, 0xE07A3F, 0x3F51B5, 0x795548};

/* A model has one colour in all charts. */
static size_t model_number(const struct points *points, size_t at)
{
    size_t number = 0;

    for (size_t i = 1; i <= at; i++)
        number +=
            strcmp(points->point[i].row->model_name, points->point[i - 1].row->model_name) != 0;
    return number;
}

static void add_curve(lxw_chart *chart, const struct picture *picture, const struct points *points,
                      size_t first, size_t at, size_t number)
{
    static const uint8_t markers[] = {LXW_CHART_MARKER_CIRCLE, LXW_CHART_MARKER_DIAMOND,
                                      LXW_CHART_MARKER_SQUARE, LXW_CHART_MARKER_TRIANGLE};
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    uint32_t colour = colours[model_number(points, at) % SERIES_MOST];
    lxw_chart_line line = {.color = colour, .width = 2};
    lxw_chart_fill fill = {.color = colour};
    lxw_row_t from = (lxw_row_t)(first + at);
    lxw_row_t to = (lxw_row_t)(first + at + length_of(points, at) - 1);
    char label[3 * LABEL];

    name_curve(points->point[at].row, label, sizeof label);
    chart_series_set_categories(series, name, from, picture->across, to, picture->across);
    chart_series_set_values(series, name, from, picture->up, to, picture->up);
    chart_series_set_name(series, label);
    chart_series_set_line(series, &line);
    chart_series_set_marker_type(series, markers[number % sizeof markers]);
    chart_series_set_marker_fill(series, &fill);
}

/* Of the curves of one kind of load, as many as can be told apart. */
static void draw(struct sheet *sheet, const struct points *points, bool closed,
                 const struct picture *picture, size_t row, size_t column)
{
    lxw_chart *chart =
        workbook_add_chart(sheet->book->workbook, LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS);
    lxw_chart_options size = {.x_scale = CHART_WIDTH / 480.0, .y_scale = CHART_HEIGHT / 288.0};
    lxw_chart_line grid = {.color = 0xE3E6EA, .width = 0.75};
    size_t number = 0;

    for (size_t i = 0; i < points->count && number < SERIES_MOST; i += length_of(points, i)) {
        if ((points->point[i].row->concurrent_requests > 0) == closed)
            add_curve(chart, picture, points, sheet->first, i, number++);
    }
    chart_title_set_name(chart, picture->title);
    chart_axis_set_name(chart->x_axis, picture->x);
    chart_axis_set_name(chart->y_axis, picture->y);
    chart_axis_set_min(chart->x_axis, 0);
    chart_axis_set_min(chart->y_axis, 0);
    chart_axis_major_gridlines_set_line(chart->y_axis, &grid);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    worksheet_insert_chart_opt(sheet->worksheet, (lxw_row_t)row, (lxw_col_t)column, chart, &size);
}

static bool has_kind(const struct points *points, bool closed)
{
    for (size_t i = 0; i < points->count; i++) {
        if ((points->point[i].row->concurrent_requests > 0) == closed)
            return true;
    }
    return false;
}

/* Of one kind of load: the TTFT against it, and against the throughput that it buys. Returns the
 * line behind the charts. */
static size_t draw_kind(struct sheet *sheet, const struct points *points, bool closed, size_t row)
{
    const char *load = closed ? "Requests at once" : "Requests/s";
    const struct picture pictures[] = {
        {"TTFT p50 against load", load, "TTFT p50, s", COLUMN_LOAD, COLUMN_P50},
        {"Latency and throughput", "Output throughput, tokens/s", "TTFT p50, s", COLUMN_THROUGHPUT,
         COLUMN_P50},
    };

    if (!has_kind(points, closed))
        return row;
    draw(sheet, points, closed, &pictures[0], row, 0);
    draw(sheet, points, closed, &pictures[1], row, CHART_COLUMNS);
    return row + CHART_ROWS;
}

void sheet_load(const struct book *book, const struct report *report)
{
    struct points points = collect(report);
    struct sheet sheet;
    size_t behind;

    if (points.count > 0) {
        sheet = sheet_begin(book, name, columns, sizeof columns / sizeof *columns, 1);
        for (size_t i = 0; i < points.count; i++)
            write_point(&sheet, &points.point[i]);
        sheet_end(&sheet);
        sheet_say(&sheet, "The means over a row's visits. A model stands here where it ran at two "
                          "loads or more.");
        behind = draw_kind(&sheet, &points, true, sheet.row + 1);
        sheet.row = draw_kind(&sheet, &points, false, behind);
        sheet_next(&sheet); /* so that the charts are printed */
    }
    free(points.point);
}
