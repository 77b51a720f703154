#include "report/workbook/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "core/clean.h"

/* --- Styles ----------------------------------------------------------------------------------- */

static const char *const number_formats[STYLES] = {[STYLE_WHOLE] = "#,##0",
                                                   [STYLE_SECONDS] = "0.0000",
                                                   [STYLE_RATE] = "#,##0.0",
                                                   [STYLE_SHARE] = "0 %",
                                                   [STYLE_P] = "0.0000"};

static const uint32_t fills[FILLS] = {
    [FILL_BAD] = 0xF8D7DA, [FILL_DOUBT] = 0xFFF3CD, [FILL_GOOD] = 0xD8EFDC};

enum { HEADING_HEIGHT = 48 /* three lines */, LINE_HEIGHT = 15 };

/* So many letters side by side are legible on a page; so many pages are enough of one table. */
enum { PRINTED_LETTERS = 260, PAPER_A4 = 9 };

enum {
    HEADING_FILL = 0x1F3A5F,
    HEADING_TEXT = 0xFFFFFF,
    UNIT_TEXT = 0x5F6B7A,
    RULE = 0xD0D5DC,
    FAINT_TEXT = 0xA0A7B1
};

static lxw_format *make_style(lxw_workbook *workbook, enum sheet_style style, enum sheet_fill fill)
{
    lxw_format *format = workbook_add_format(workbook);

    if (number_formats[style])
        format_set_num_format(format, number_formats[style]);
    if (fills[fill]) {
        format_set_pattern(format, LXW_PATTERN_SOLID);
        format_set_bg_color(format, fills[fill]);
    }
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (style == STYLE_WRAP)
        format_set_text_wrap(format);
    if (style == STYLE_WRAP || style == STYLE_TEXT)
        format_set_indent(format, 1); /* not against the number to its left */
    return format;
}

static lxw_format *make_heading(lxw_workbook *workbook)
{
    lxw_format *format = workbook_add_format(workbook);

    format_set_bold(format);
    format_set_text_wrap(format);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    format_set_pattern(format, LXW_PATTERN_SOLID);
    format_set_bg_color(format, HEADING_FILL);
    format_set_font_color(format, HEADING_TEXT);
    return format;
}

static lxw_format *make_unit(lxw_workbook *workbook)
{
    lxw_format *format = workbook_add_format(workbook);

    format_set_italic(format);
    format_set_font_color(format, UNIT_TEXT);
    format_set_bottom(format, LXW_BORDER_THIN);
    format_set_bottom_color(format, RULE);
    return format;
}

void book_init(struct book *book, lxw_workbook *workbook)
{
    *book = (struct book){.workbook = workbook};
    for (int style = 0; style < STYLES; style++) {
        for (int fill = 0; fill < FILLS; fill++)
            book->style[style][fill] =
                make_style(workbook, (enum sheet_style)style, (enum sheet_fill)fill);
    }
    for (int style = 0; style < STYLES; style++) {
        book->faint[style] = make_style(workbook, (enum sheet_style)style, FILL_NONE);
        format_set_italic(book->faint[style]);
        format_set_font_color(book->faint[style], FAINT_TEXT);
    }
    book->heading = make_heading(workbook);
    book->unit = make_unit(workbook);
    book->title = workbook_add_format(workbook);
    format_set_bold(book->title);
    format_set_font_size(book->title, 14);
    book->note = workbook_add_format(workbook);
    format_set_font_color(book->note, UNIT_TEXT);
    book->wide_note = workbook_add_format(workbook);
    format_set_font_color(book->wide_note, UNIT_TEXT);
    format_set_text_wrap(book->wide_note);
    format_set_align(book->wide_note, LXW_ALIGN_VERTICAL_TOP);
}

/* --- Texts -------------------------------------------------------------------------------------
 */

/* Every text of a workbook goes through here: what is not of XML makes the whole unreadable. */
static void put_text(const struct sheet *sheet, size_t row, size_t column, const char *text,
                     lxw_format *format)
{
    char *cleaned = clean_copy(text, CLEAN_XML);

    worksheet_write_string(sheet->worksheet, (lxw_row_t)row, (lxw_col_t)column, cleaned, format);
    free(cleaned);
}

/* --- Sheets ----------------------------------------------------------------------------------- */

static void write_headings(struct sheet *sheet)
{
    bool units = false;

    for (size_t i = 0; i < sheet->columns; i++) {
        const struct sheet_column *column = &sheet->column[i];

        worksheet_set_column(sheet->worksheet, (lxw_col_t)i, (lxw_col_t)i, column->width, NULL);
        units |= column->unit && *column->unit;
    }
    worksheet_set_row(sheet->worksheet, 0, HEADING_HEIGHT, NULL);
    for (size_t i = 0; i < sheet->columns; i++)
        put_text(sheet, 0, i, sheet->column[i].label, sheet->book->heading);
    for (size_t i = 0; units && i < sheet->columns; i++)
        put_text(sheet, 1, i, sheet->column[i].unit ? sheet->column[i].unit : "",
                 sheet->book->unit);
    sheet->row = sheet->first = units ? 2 : 1;
}

/* The first columns, as far as a page goes. */
static void choose_printed(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        sheet->printed_width += sheet->column[i].width;
        if (i > 0 && sheet->printed_width > PRINTED_LETTERS)
            return;
        sheet->printed = i + 1;
    }
}

static void set_page(lxw_worksheet *worksheet)
{
    worksheet_set_paper(worksheet, PAPER_A4);
    worksheet_set_landscape(worksheet);
    worksheet_set_margins(worksheet, 0.4, 0.4, 0.5, 0.5);
    worksheet_fit_to_pages(worksheet, 1, 0);
    worksheet_set_footer(worksheet, "&L&A&RPage &P of &N");
}

struct sheet sheet_blank(const struct book *book, const char *name)
{
    struct sheet sheet = {.book = book,
                          .worksheet = workbook_add_worksheet(book->workbook, name),
                          .style = STYLE_PLAIN};

    worksheet_gridlines(sheet.worksheet, LXW_HIDE_ALL_GRIDLINES);
    set_page(sheet.worksheet);
    return sheet;
}

struct sheet sheet_begin(const struct book *book, const char *name,
                         const struct sheet_column *column, size_t columns, size_t frozen)
{
    struct sheet sheet = {.book = book,
                          .worksheet = workbook_add_worksheet(book->workbook, name),
                          .column = column,
                          .columns = columns,
                          .style = STYLE_PLAIN};

    write_headings(&sheet);
    worksheet_freeze_panes(sheet.worksheet, (lxw_row_t)sheet.first, (lxw_col_t)frozen);
    set_page(sheet.worksheet);
    choose_printed(&sheet);
    worksheet_repeat_rows(sheet.worksheet, 0, (lxw_row_t)(sheet.first - 1));
    return sheet;
}

static lxw_format *style_of(const struct sheet *sheet, enum sheet_style otherwise)
{
    enum sheet_style style =
        sheet->at < sheet->columns ? sheet->column[sheet->at].style : otherwise;

    if (otherwise == STYLE_TEXT && style != STYLE_WRAP)
        style = STYLE_TEXT; /* whatever the column's numbers look like */
    return sheet->faint ? sheet->book->faint[style] : sheet->book->style[style][sheet->fill];
}

void sheet_number(struct sheet *sheet, double value)
{
    if (!isfinite(value)) {
        sheet_text(sheet, "");
        return;
    }
    worksheet_write_number(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)sheet->at, value,
                           style_of(sheet, sheet->style));
    sheet->at++;
}

void sheet_text(struct sheet *sheet, const char *text)
{
    if (text[0])
        put_text(sheet, sheet->row, sheet->at, text, style_of(sheet, STYLE_TEXT));
    else if (sheet->fill != FILL_NONE)
        worksheet_write_blank(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)sheet->at,
                              style_of(sheet, STYLE_TEXT));
    sheet->at++;
}

void sheet_cell(struct sheet *sheet, const struct cell *cell)
{
    if (cell->kind == CELL_NUMBER)
        sheet_number(sheet, cell->number);
    else
        sheet_text(sheet, cell->kind == CELL_TEXT ? cell->text : "");
}

void sheet_skip(struct sheet *sheet, size_t cells)
{
    sheet->at += cells;
}

void sheet_width(struct sheet *sheet, size_t column, double width)
{
    worksheet_set_column(sheet->worksheet, (lxw_col_t)column, (lxw_col_t)column, width, NULL);
}

void sheet_next(struct sheet *sheet)
{
    bool printed = sheet->print_most == 0 || sheet->row < sheet->first + sheet->print_most;

    if (sheet->printed > 0 && printed)
        worksheet_print_area(sheet->worksheet, 0, 0, (lxw_row_t)sheet->row,
                             (lxw_col_t)(sheet->printed - 1));
    sheet->row++;
    sheet->at = 0;
    sheet->fill = FILL_NONE;
    sheet->style = STYLE_PLAIN;
}

void sheet_comment(struct sheet *sheet, size_t column, const char *text)
{
    lxw_comment_options options = {.author = (char *)"coebench", .x_scale = 1.6};

    char *cleaned = clean_copy(text, CLEAN_XML);

    worksheet_write_comment_opt(sheet->worksheet, 0, (lxw_col_t)column, cleaned, &options);
    free(cleaned);
}

void sheet_head(struct sheet *sheet, const char *text)
{
    if (sheet->at == 0)
        worksheet_set_row(sheet->worksheet, (lxw_row_t)sheet->row, HEADING_HEIGHT, NULL);
    put_text(sheet, sheet->row, sheet->at++, text, sheet->book->heading);
}

void sheet_title(struct sheet *sheet, const char *text)
{
    put_text(sheet, sheet->row, 0, text, sheet->book->title);
    sheet_next(sheet);
}

/* The library does not find out how many lines it takes. */
static void merge_text(struct sheet *sheet, const char *text)
{
    double lines = ceil((double)strlen(text) / fmin(sheet->printed_width, PRINTED_LETTERS));
    char *cleaned = clean_copy(text, CLEAN_XML);

    worksheet_merge_range(sheet->worksheet, (lxw_row_t)sheet->row, 0, (lxw_row_t)sheet->row,
                          (lxw_col_t)(sheet->printed - 1), cleaned, sheet->book->wide_note);
    worksheet_set_row(sheet->worksheet, (lxw_row_t)sheet->row, lines * LINE_HEIGHT, NULL);
    free(cleaned);
}

void sheet_say(struct sheet *sheet, const char *text)
{
    if (sheet->printed > 1 && *text)
        merge_text(sheet, text);
    else
        put_text(sheet, sheet->row, 0, text, sheet->book->note);
    sheet_next(sheet);
}

void sheet_end(struct sheet *sheet)
{
    if (sheet->columns > 0 && sheet->row > sheet->first)
        worksheet_autofilter(sheet->worksheet, (lxw_row_t)(sheet->first - 1), 0,
                             (lxw_row_t)(sheet->row - 1), (lxw_col_t)(sheet->columns - 1));
}

void sheet_heat(struct sheet *sheet, size_t first_row, size_t first_column, size_t last_row,
                size_t last_column)
{
    lxw_conditional_format heat = {
        .type = LXW_CONDITIONAL_2_COLOR_SCALE, .min_color = 0xFFFFFF, .max_color = 0xE07A3F};

    if (last_row >= first_row && last_column >= first_column)
        worksheet_conditional_format_range(sheet->worksheet, (lxw_row_t)first_row,
                                           (lxw_col_t)first_column, (lxw_row_t)last_row,
                                           (lxw_col_t)last_column, &heat);
}
