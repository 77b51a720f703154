/* A search: a line for each step by its load, what came of each row beneath, and charts for each
 * row beside them. Of a mix a line for all of it, and then for each of its members. */
#include <math.h>
#include <stdlib.h>
#include <xlsxwriter.h>

#include "core/memory.h"
#include "report/search_visits.h"
#include "report/search_words.h"
#include "report/workbook/sheets.h"

static const char name[] = "Search";

static const struct sheet_column columns[] = {
    {"row", "", 34, STYLE_TEXT},
    {"load", "qps, at once, or speed", 12, STYLE_PLAIN},
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

/* The lines of what was searched. */
struct block {
    const struct search_found *found;
    struct search_visit *visit; /* by load; owned */
    size_t visits, members;
    size_t first; /* the line of the first of them; each member's follow those of all together */
};

static void write_ttft(struct sheet *sheet, const struct step *step)
{
    const struct metric_summary *ttft = step ? &step->metric[METRIC_CLIENT_TTFT_S] : NULL;
    bool known = ttft && ttft->count > 0;

    sheet_number(sheet, known ? ttft->quantile[P50_AT] : NAN);
    sheet_number(sheet, known ? ttft->quantile[P99_AT] : NAN);
}

static bool has_done(const struct search_visit *visit)
{
    bool done = true;

    for (size_t i = 0; i < visit->members; i++)
        done &= visit->step[i].end == STEP_DONE && visit->step[i].completed > 0;
    return done;
}

/* All members together; of one there is, its TTFT too. */
static void write_visit(struct sheet *sheet, const char *row, const struct search_visit *visit)
{
    sheet->fill = has_done(visit) ? FILL_NONE : FILL_DOUBT;
    sheet_text(sheet, row);
    sheet_number(sheet, visit->load);
    sheet_number(sheet, (double)visit->step->index + 1);
    sheet_number(sheet, visit->requests);
    sheet_number(sheet, visit->goodput_share);
    sheet_number(sheet, visit->goodput_requests_per_s);
    write_ttft(sheet, visit->members == 1 ? visit->step : NULL);
    sheet_number(sheet, visit->throughput);
    sheet_next(sheet);
}

static void write_member(struct sheet *sheet, const struct search_visit *visit, size_t member)
{
    const struct step *step = &visit->step[member];
    struct search_visit alone = {step,
                                 1,
                                 visit->load,
                                 (double)step->started,
                                 step->goodput_share,
                                 step->goodput_requests_per_s,
                                 step->client_total_output_throughput};
    struct text row = {0};

    search_words_member(step, &row);
    write_visit(sheet, row.bytes, &alone);
    text_clear(&row);
}

/* A visit that was cut off may lack members. */
static size_t members_of(const struct block *block)
{
    size_t members = block->visits > 0 ? SIZE_MAX : 0;

    for (size_t i = 0; i < block->visits; i++)
        members = block->visit[i].members < members ? block->visit[i].members : members;
    return members;
}

static struct block write_block(struct sheet *sheet, const struct results *run,
                                const struct search_found *found)
{
    struct block block = {.found = found, .first = sheet->row};
    struct text row = {0};

    block.visit = search_visits_by_load(run, found, &block.visits);
    block.members = members_of(&block);
    search_words_row(run, found, &row);
    for (size_t i = 0; i < block.visits; i++)
        write_visit(sheet, row.bytes, &block.visit[i]);
    for (size_t member = 0; member < block.members && block.members > 1; member++) {
        for (size_t i = 0; i < block.visits; i++)
            write_member(sheet, &block.visit[i], member);
    }
    text_clear(&row);
    return block;
}

/* --- Charts ----------------------------------------------------------------------------------- */

static const uint32_t colours[] = {0x1F5F99, 0xC0504D, 0x2E8B57, 0x8064A2, 0xE08A1E, 0x4BACC6};
enum { COLOURS = sizeof colours / sizeof *colours };

/* The visits' lines, of all together (part 0) or of a member. */
static void add_series(lxw_chart *chart, const struct block *block, size_t part, int column,
                       const char *label)
{
    lxw_row_t first = (lxw_row_t)(block->first + part * block->visits);
    lxw_row_t last = (lxw_row_t)(first + block->visits - 1);
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    lxw_chart_line line = {.width = column == P99 ? 1 : 2,
                           .color = colours[(part > 0 ? part - 1 : 0) % COLOURS],
                           .dash_type = column == P99 ? LXW_CHART_LINE_DASH_DASH
                                                      : LXW_CHART_LINE_DASH_SOLID};

    chart_series_set_categories(series, name, first, LOAD, last, LOAD);
    chart_series_set_values(series, name, first, (lxw_col_t)column, last, (lxw_col_t)column);
    chart_series_set_name(series, label);
    chart_series_set_line(series, &line);
}

static void add_ttft(lxw_chart *chart, const struct block *block)
{
    if (block->members <= 1) {
        add_series(chart, block, 0, P50, "TTFT p50, s");
        add_series(chart, block, 0, P99, "TTFT p99, s");
        return;
    }
    for (size_t i = 0; i < block->members; i++) {
        const char *model = block->visit->step[i].row.model_name;
        char *p50 = memory_printf("%s p50, s", model), *p99 = memory_printf("%s p99, s", model);

        add_series(chart, block, i + 1, P50, p50);
        add_series(chart, block, i + 1, P99, p99);
        free(p50);
        free(p99);
    }
}

static void place(struct sheet *sheet, lxw_chart *chart, const struct block *block,
                  const char *title, size_t at, int column)
{
    chart_title_set_name(chart, title);
    chart_axis_set_name(chart->x_axis, search_by_axes[block->found->by]);
    worksheet_insert_chart(sheet->worksheet, (lxw_row_t)at, (lxw_col_t)column, chart);
}

static void draw(struct sheet *sheet, const struct results *run, const struct block *block,
                 size_t at)
{
    lxw_workbook *workbook = sheet->book->workbook;
    lxw_chart *ttft = workbook_add_chart(workbook, LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS);
    lxw_chart *share = workbook_add_chart(workbook, LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS);
    struct text title = {0};

    search_words_row(run, block->found, &title);
    add_ttft(ttft, block);
    add_series(share, block, 0, SHARE, "share that keeps slo");
    place(sheet, ttft, block, title.bytes, at, COLUMNS + 1);
    place(sheet, share, block, title.bytes, at, COLUMNS + 9);
    text_clear(&title);
}

/* The rows of all runs: their steps, and their charts. */
static void write_all(struct sheet *sheet, const struct report *report)
{
    size_t charts = 0;

    for (size_t i = 0; i < report->runs; i++) {
        const struct results *run = &report->run[i];

        for (size_t k = 0; k < run->searched; k++) {
            struct block block = write_block(sheet, run, &run->search[k]);

            if (block.visits > 0)
                draw(sheet, run, &block, CHART_ROWS * charts++);
            free(block.visit);
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
