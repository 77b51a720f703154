/* The summary: made from the headline, which the page and the terminal open with, too. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "core/clean.h"
#include "core/memory.h"
#include "report/headline.h"
#include "report/workbook/sheets.h"

static const char name[] = "Summary";

/* What there is room for on one printed page: the widths of the columns in letters; the chart in
 * lines of the sheet and in pixels. */
enum { COLUMNS = 6, LABEL_WIDTH = 44, WORDS_WIDTH = 44, NUMBER_WIDTH = 12, LINK_WIDTH = 16 };
enum { CHART_WIDTH = 1010, CHART_BEFORE = 90, CHART_PER_BAR = 34, PIXELS_PER_ROW = 20 };
enum { LINE_LETTERS = 130, SENTENCE_LETTERS = 95, LINE_HEIGHT = 16, SENTENCE_HEIGHT = 22 };
enum { RED = 0x9C1C28, AMBER = 0x8A6100, GREEN = 0x1E6B34, INK = 0x1F3A5F, BAR = 0x1F5F99 };
enum { INTERVAL_LOW = 0x6FA3D2, INTERVAL_HIGH = 0xC9DDF0 };

/* --- Texts over the whole width -----------------------------------------------------------------
 */

static lxw_format *make_format(const struct book *book, double size, bool bold, uint32_t colour)
{
    lxw_format *format = workbook_add_format(book->workbook);

    format_set_font_size(format, size);
    format_set_font_color(format, colour);
    format_set_text_wrap(format);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (bold)
        format_set_bold(format);
    return format;
}

/* In as many lines as it takes, which the library does not find out. */
static void write_wide(struct sheet *sheet, const char *text, size_t first, size_t letters,
                       double line_height, lxw_format *format)
{
    char *cleaned = clean_copy(text, CLEAN_XML);
    size_t lines = 1 + strlen(text) / letters;

    worksheet_merge_range(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)first,
                          (lxw_row_t)sheet->row, COLUMNS - 1, cleaned, format);
    worksheet_set_row(sheet->worksheet, (lxw_row_t)sheet->row, (double)lines * line_height + 2,
                      NULL);
    free(cleaned);
}

static uint32_t colour_of(enum headline_tone tone)
{
    static const uint32_t colours[HEADLINE_TONES] = {[HEADLINE_GOOD] = GREEN,
                                                     [HEADLINE_NEUTRAL] = INK,
                                                     [HEADLINE_NOTE] = AMBER,
                                                     [HEADLINE_BAD] = RED};

    return colours[tone];
}

static enum sheet_fill fill_of(enum headline_tone tone)
{
    static const enum sheet_fill fills[HEADLINE_TONES] = {
        [HEADLINE_GOOD] = FILL_GOOD, [HEADLINE_NOTE] = FILL_DOUBT, [HEADLINE_BAD] = FILL_BAD};

    return fills[tone];
}

static void write_sentence(struct sheet *sheet, const struct headline *headline)
{
    lxw_format *title = make_format(sheet->book, 11, false, 0x5F6B7A);
    lxw_format *sentence = make_format(sheet->book, 16, true, colour_of(headline->tone));

    write_wide(sheet, headline->title, 0, LINE_LETTERS, LINE_HEIGHT, title);
    sheet_next(sheet);
    write_wide(sheet, headline->sentence, 0, SENTENCE_LETTERS, SENTENCE_HEIGHT, sentence);
    sheet_next(sheet);
    sheet_next(sheet);
}

/* --- The picture --------------------------------------------------------------------------------
 */

/* Times are shown in ms where all are below 1 s. */
struct scale {
    double factor;
    const char *unit;
    enum sheet_style style;
};

static struct scale scale_of(const struct headline *headline)
{
    double most = 0;

    for (size_t i = 0; i < headline->bars; i++)
        most = fmax(most, fmax(headline->bar[i].value, headline->bar[i].high));
    if (strcmp(headline->bar_unit, "s") != 0)
        return (struct scale){1, headline->bar_unit, STYLE_RATE};
    return most < 1 ? (struct scale){1000, "ms", STYLE_RATE}
                    : (struct scale){1, "s", STYLE_SECONDS};
}

static void write_bar(struct sheet *sheet, const struct headline_bar *bar,
                      const struct scale *scale)
{
    sheet_text(sheet, bar->label);
    sheet_text(sheet, bar->words);
    sheet->style = scale->style;
    sheet_number(sheet, scale->factor * bar->value);
    sheet_number(sheet, scale->factor * bar->low);
    sheet_number(sheet, scale->factor * bar->high);
    sheet_next(sheet);
}

/* The label and the value in words, so that the chart can be read without the table; the last
 * first, since charts count from below. */
static void write_series(struct sheet *sheet, const struct headline *headline,
                         const struct scale *scale, size_t first)
{
    size_t behind = sheet->row;

    for (size_t i = 0; i < headline->bars; i++) {
        const struct headline_bar *bar = &headline->bar[headline->bars - 1 - i];
        double low = isfinite(bar->low) ? bar->low : bar->value;
        double high = isfinite(bar->high) ? bar->high : bar->value;
        char *label = memory_printf("%s: %s", bar->label, bar->words);

        sheet->row = first + i;
        sheet->at = COLUMNS;
        sheet->style = scale->style;
        sheet_text(sheet, label);
        sheet_number(sheet, scale->factor * low);
        sheet_number(sheet, scale->factor * (bar->value - low));
        sheet_number(sheet, scale->factor * (high - bar->value));
        free(label);
    }
    sheet->row = behind;
    sheet->at = 0;
    sheet->style = STYLE_PLAIN;
}

static size_t write_bars(struct sheet *sheet, const struct headline *headline,
                         const struct scale *scale)
{
    const char *heads[] = {"", headline->bar_axis, scale->unit, "interval from", "interval to"};
    size_t first;

    sheet_title(sheet, headline->bar_title);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        sheet_head(sheet, heads[i]);
    worksheet_set_row(sheet->worksheet, (lxw_row_t)sheet->row, LINE_HEIGHT, NULL);
    sheet_next(sheet);
    first = sheet->row;
    for (size_t i = 0; i < headline->bars; i++)
        write_bar(sheet, &headline->bar[i], scale);
    write_series(sheet, headline, scale, first);
    sheet_say(sheet, headline->bar_note);
    sheet_say(sheet, "In the chart an interval is the lighter end of its bar.");
    return first;
}

static void dress(lxw_chart *chart, const struct headline *headline, const struct scale *scale)
{
    char *axis = memory_printf("%s, %s", headline->bar_axis, scale->unit);
    lxw_chart_line grid = {.color = 0xE3E6EA, .width = 0.75};
    lxw_chart_font small = {.size = 8};

    chart_show_hidden_data(chart);
    chart_title_off(chart);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    chart_axis_set_name(chart->x_axis, axis); /* of bars, the one of values */
    chart_axis_set_num_font(chart->y_axis, &small);
    chart_axis_set_interval_unit(chart->y_axis, 1); /* no bar without its name */
    chart_axis_set_min(chart->x_axis, 0);
    chart_axis_major_gridlines_set_visible(chart->x_axis, LXW_TRUE);
    chart_axis_major_gridlines_set_line(chart->x_axis, &grid);
    chart_axis_major_gridlines_set_visible(chart->y_axis, LXW_FALSE);
    chart_set_series_gap(chart, 40);
    free(axis);
}

/* The library draws no interval of its own for each bar: a bar is full up to where its interval
 * begins, lighter up to the value, and lightest up to where the interval ends. */
static void draw_bars(struct sheet *sheet, const struct headline *headline,
                      const struct scale *scale, size_t first)
{
    static const uint32_t colours[] = {BAR, INTERVAL_LOW, INTERVAL_HIGH};
    double height = CHART_BEFORE + CHART_PER_BAR * (double)headline->bars;
    lxw_chart *chart = workbook_add_chart(sheet->book->workbook, LXW_CHART_BAR_STACKED);
    lxw_chart_options size = {.x_scale = CHART_WIDTH / 480.0, .y_scale = height / 288.0};
    lxw_row_t last = (lxw_row_t)(first + headline->bars - 1);

    for (lxw_col_t i = 0; i < 3; i++) {
        lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
        lxw_chart_fill fill = {.color = colours[i]};

        chart_series_set_categories(series, name, (lxw_row_t)first, COLUMNS, last, COLUMNS);
        chart_series_set_values(series, name, (lxw_row_t)first, (lxw_col_t)(COLUMNS + 1 + i), last,
                                (lxw_col_t)(COLUMNS + 1 + i));
        chart_series_set_fill(series, &fill);
    }
    dress(chart, headline, scale);
    worksheet_insert_chart_opt(sheet->worksheet, (lxw_row_t)sheet->row, 0, chart, &size);
    sheet->row += (size_t)(height / PIXELS_PER_ROW) + 2;
}

/* What the chart is drawn from stands beside the printed page, in columns that are not shown. */
static void hide_series(const struct sheet *sheet)
{
    lxw_row_col_options hidden = {1, 0, 0};

    worksheet_set_column_opt(sheet->worksheet, COLUMNS, COLUMNS + 3, NUMBER_WIDTH, NULL, &hidden);
}

/* --- Findings, and what colours mean -------------------------------------------------------------
 */

static const char *const sheet_names[HEADLINE_SECTIONS] = {
    [HEADLINE_VERDICT] = "Qualification", [HEADLINE_SWITCHING] = "Switching",
    [HEADLINE_RESIDENCY] = "Residency",   [HEADLINE_LOADING] = "Per model",
    [HEADLINE_SEARCH] = "Search",         [HEADLINE_MIX] = "Switching",
    [HEADLINE_LATENCY] = "Charts",        [HEADLINE_HEALTH] = "Steps",
    [HEADLINE_FAILURES] = "Errors",       [HEADLINE_STEPS] = "Timeline",
    [HEADLINE_SETTINGS] = "Environment",
};

static void write_link(struct sheet *sheet, enum headline_section section)
{
    const char *to = sheet_names[section];
    char url[64];

    if (section == HEADLINE_LATENCY &&
        workbook_get_worksheet_by_name(sheet->book->workbook, "Load"))
        to = "Load";
    if (!workbook_get_worksheet_by_name(sheet->book->workbook, to))
        return;
    snprintf(url, sizeof url, "internal:'%s'!A1", to);
    worksheet_write_url(sheet->worksheet, (lxw_row_t)sheet->row, COLUMNS - 1, url, NULL);
    worksheet_write_string(sheet->worksheet, (lxw_row_t)sheet->row, COLUMNS - 1, to,
                           workbook_get_default_url_format(sheet->book->workbook));
}

static void write_tile(struct sheet *sheet, const struct headline_tile *tile)
{
    enum { LETTERS = 78 };
    size_t lines = 1 + strlen(tile->text) / LETTERS;
    char *cleaned = clean_copy(tile->text, CLEAN_XML);

    sheet->fill = fill_of(tile->tone);
    sheet_text(sheet, tile->title);
    worksheet_merge_range(sheet->worksheet, (lxw_row_t)sheet->row, 1, (lxw_row_t)sheet->row,
                          COLUMNS - 2, cleaned, sheet->book->style[STYLE_WRAP][sheet->fill]);
    worksheet_set_row(sheet->worksheet, (lxw_row_t)sheet->row, (double)lines * LINE_HEIGHT, NULL);
    write_link(sheet, tile->section);
    sheet_next(sheet);
    free(cleaned);
}

static void write_findings(struct sheet *sheet, const struct headline *headline)
{
    if (headline->tiles > 0)
        sheet_title(sheet, "Findings");
    for (size_t i = 0; i < headline->tiles; i++)
        write_tile(sheet, &headline->tile[i]);
    if (!headline->look || !*headline->look)
        return;
    sheet_next(sheet);
    sheet_title(sheet, "What to look at first");
    write_wide(sheet, headline->look, 0, LINE_LETTERS, LINE_HEIGHT,
               make_format(sheet->book, 11, false, INK));
    sheet_next(sheet);
}

static const struct {
    enum sheet_fill fill;
    const char *colour, *words;
} legend[] = {
    {FILL_BAD, "red", "failed, invalid, or worse than a policy allows"},
    {FILL_DOUBT, "yellow", "degraded, flagged, or not clear"},
    {FILL_GOOD, "green", "as it should be"},
    {FILL_NONE, "white to orange", "the least to the most of a table"},
    {FILL_NONE, "grey italics", "stands on few requests"},
};

static void write_legend(struct sheet *sheet)
{
    sheet_next(sheet);
    sheet_title(sheet, "Colours, in all sheets");
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++) {
        sheet->fill = legend[i].fill;
        sheet->faint = strncmp(legend[i].colour, "grey", 4) == 0;
        sheet_text(sheet, legend[i].colour);
        sheet->faint = false;
        sheet->fill = FILL_NONE;
        sheet_text(sheet, legend[i].words);
        sheet_next(sheet);
    }
}

/* --- The sheet ----------------------------------------------------------------------------------
 */

void sheet_summary(const struct book *book, const struct report *report)
{
    static const double widths[COLUMNS] = {LABEL_WIDTH,  WORDS_WIDTH,  NUMBER_WIDTH,
                                           NUMBER_WIDTH, NUMBER_WIDTH, LINK_WIDTH};
    struct sheet sheet = sheet_blank(book, name);

    (void)report;
    for (size_t i = 0; i < COLUMNS; i++)
        sheet_width(&sheet, i, widths[i]);
    worksheet_fit_to_pages(sheet.worksheet, 1, 1);
    worksheet_activate(sheet.worksheet);
}

void sheet_summary_finish(const struct book *book, const struct report *report)
{
    struct sheet sheet = {.book = book,
                          .worksheet = workbook_get_worksheet_by_name(book->workbook, name),
                          .style = STYLE_PLAIN};
    struct headline headline;
    struct scale scale;
    size_t first;

    headline_make(report, &headline);
    write_sentence(&sheet, &headline);
    if (headline.bars > 0) {
        scale = scale_of(&headline);
        first = write_bars(&sheet, &headline, &scale);
        draw_bars(&sheet, &headline, &scale, first);
        hide_series(&sheet);
    }
    write_findings(&sheet, &headline);
    write_legend(&sheet);
    worksheet_print_area(sheet.worksheet, 0, 0, (lxw_row_t)sheet.row, COLUMNS - 1);
    headline_clear(&headline);
}
