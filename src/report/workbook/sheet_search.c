/* A search: a line for each step by its load, what came of each row beneath, and a chart for each
 * row beside them. */
#include <math.h>
#include <stdlib.h>
#include <xlsxwriter.h>

#include "core/memory.h"
#include "plan/search_rule.h"
#include "report/search_words.h"
#include "report/workbook/sheets.h"

static const char name[] = "Search";

static const struct sheet_column columns[] = {
    {"row", "", 34, STYLE_TEXT},
    {"load", "qps or requests at once", 12, STYLE_PLAIN},
    {"step", "", 6, STYLE_WHOLE},
    {"requests", "", 9, STYLE_WHOLE},
    {"goodput_share", "", 10, STYLE_SHARE},
    {"goodput_requests_per_s", "requests/s", 12, STYLE_RATE},
    {"client_ttft_s_p50", "s", 11, STYLE_SECONDS},
    {"client_ttft_s_p99", "s", 11, STYLE_SECONDS},
    {"client_total_output_throughput", "tokens/s", 12, STYLE_RATE},
};
enum { LOAD = 1, SHARE = 4, P50 = 6, P99 = 7, COLUMNS = 9, CHART_ROWS = 20 };

/* Their places in metric_percent. */
enum { P50_AT = 2, P99_AT = 6 };

static int by_load(const void *a, const void *b)
{
    double x = search_rule_load(&(*(const struct step *const *)a)->row);
    double y = search_rule_load(&(*(const struct step *const *)b)->row);

    return (x > y) - (x < y);
}

static void write_step(struct sheet *sheet, const char *row, const struct step *step)
{
    const struct metric_summary *ttft = &step->metric[METRIC_CLIENT_TTFT_S];

    sheet->fill = step->end == STEP_DONE && step->completed > 0 ? FILL_NONE : FILL_DOUBT;
    sheet_text(sheet, row);
    sheet_number(sheet, search_rule_load(&step->row));
    sheet_number(sheet, (double)step->index + 1);
    sheet_number(sheet, (double)step->started);
    sheet_number(sheet, step->goodput_share);
    sheet_number(sheet, step->goodput_requests_per_s);
    sheet_number(sheet, ttft->count > 0 ? ttft->quantile[P50_AT] : NAN);
    sheet_number(sheet, ttft->count > 0 ? ttft->quantile[P99_AT] : NAN);
    sheet_number(sheet, step->client_total_output_throughput);
    sheet_next(sheet);
}

/* The steps of a row, by load; returns how many. */
static size_t write_row(struct sheet *sheet, const struct results *run,
                        const struct search_found *found)
{
    const struct step **step = memory_new(run->count, sizeof *step);
    struct text row = {0};
    size_t count = 0;

    for (size_t i = search_words_step(run, found, 0); i < run->count;
         i = search_words_step(run, found, i + 1))
        step[count++] = &run->step[i];
    qsort(step, count, sizeof *step, by_load);
    search_words_row(run, found, &row);
    for (size_t i = 0; i < count; i++)
        write_step(sheet, row.bytes, step[i]);
    text_clear(&row);
    free(step);
    return count;
}

static void add_series(lxw_chart *chart, const char *label, size_t first, size_t count, int column,
                       bool second)
{
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    lxw_chart_line line = {.width = second ? 1 : 2,
                           .color = column == SHARE ? 0x2E8B57 : 0x1F5F99,
                           .dash_type =
                               second ? LXW_CHART_LINE_DASH_DASH : LXW_CHART_LINE_DASH_SOLID};

    chart_series_set_categories(series, name, (lxw_row_t)first, LOAD,
                                (lxw_row_t)(first + count - 1), LOAD);
    chart_series_set_values(series, name, (lxw_row_t)first, (lxw_col_t)column,
                            (lxw_row_t)(first + count - 1), (lxw_col_t)column);
    chart_series_set_name(series, label);
    chart_series_set_line(series, &line);
}

static void draw(struct sheet *sheet, const struct results *run, const struct search_found *found,
                 size_t first, size_t count, size_t at)
{
    lxw_workbook *workbook = sheet->book->workbook;
    lxw_chart *chart = workbook_add_chart(workbook, LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS);
    lxw_chart *share = workbook_add_chart(workbook, LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS);
    struct text title = {0};

    search_words_row(run, found, &title);
    add_series(chart, "TTFT p50, s", first, count, P50, false);
    add_series(chart, "TTFT p99, s", first, count, P99, true);
    add_series(share, "share that keeps slo", first, count, SHARE, false);
    chart_title_set_name(chart, title.bytes);
    chart_title_set_name(share, title.bytes);
    chart_axis_set_name(chart->x_axis, found->open_loop ? "requests/s" : "requests at once");
    chart_axis_set_name(share->x_axis, found->open_loop ? "requests/s" : "requests at once");
    worksheet_insert_chart(sheet->worksheet, (lxw_row_t)at, COLUMNS + 1, chart);
    worksheet_insert_chart(sheet->worksheet, (lxw_row_t)at, COLUMNS + 9, share);
    text_clear(&title);
}

/* The rows of all runs: their steps, and their charts. */
static void write_all(struct sheet *sheet, const struct report *report)
{
    size_t charts = 0;

    for (size_t i = 0; i < report->runs; i++) {
        const struct results *run = &report->run[i];

        for (size_t k = 0; k < run->searched; k++) {
            size_t first = sheet->row, count = write_row(sheet, run, &run->search[k]);

            if (count > 0)
                draw(sheet, run, &run->search[k], first, count, CHART_ROWS * charts++);
        }
    }
}

static void say_all(struct sheet *sheet, const struct report *report)
{
    for (size_t i = 0; i < report->runs; i++) {
        const struct results *run = &report->run[i];

        for (size_t k = 0; k < run->searched; k++) {
            struct text text = {0};

            search_words_row(run, &run->search[k], &text);
            text_printf(&text, ": %s.", run->search[k].sentence);
            sheet_say(sheet, text.bytes);
            text_clear(&text);
        }
    }
}

void sheet_search(const struct book *book, const struct report *report)
{
    size_t rows = 0;
    struct sheet sheet;

    for (size_t i = 0; i < report->runs; i++)
        rows += report->run[i].searched;
    if (rows == 0)
        return;
    sheet = sheet_begin(book, name, columns, COLUMNS, 2);
    write_all(&sheet, report);
    sheet_end(&sheet);
    sheet_next(&sheet);
    say_all(&sheet, report);
}
