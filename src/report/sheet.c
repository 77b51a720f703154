#include "report/sheet.h"

#include <math.h>
#include <string.h>
#include <xlsxwriter.h>

/* --- Looks ------------------------------------------------------------------------------------ */

static const char *const number_formats[LOOKS] = {[LOOK_WHOLE] = "#,##0",
                                                  [LOOK_SECONDS] = "0.0000",
                                                  [LOOK_RATE] = "#,##0.0",
                                                  [LOOK_SHARE] = "0 %",
                                                  [LOOK_P] = "0.0000"};

static const uint32_t fills[SHADES] = {
    [SHADE_BAD] = 0xF8D7DA, [SHADE_DOUBT] = 0xFFF3CD, [SHADE_GOOD] = 0xD8EFDC};

/* So many columns are legible on a page. */
enum { PRINTED_WHOLE = 20, HEADING_HEIGHT = 48 /* three lines */ };

enum {
    HEADING_FILL = 0x1F3A5F,
    HEADING_TEXT = 0xFFFFFF,
    UNIT_TEXT = 0x5F6B7A,
    RULE = 0xD0D5DC,
    FAINT_TEXT = 0xA0A7B1
};

static lxw_format *make_look(lxw_workbook *workbook, enum sheet_look look, enum sheet_shade shade)
{
    lxw_format *format = workbook_add_format(workbook);

    if (number_formats[look])
        format_set_num_format(format, number_formats[look]);
    if (fills[shade]) {
        format_set_pattern(format, LXW_PATTERN_SOLID);
        format_set_bg_color(format, fills[shade]);
    }
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (look == LOOK_WRAP)
        format_set_text_wrap(format);
    if (look == LOOK_WRAP || look == LOOK_TEXT)
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
    for (int look = 0; look < LOOKS; look++) {
        for (int shade = 0; shade < SHADES; shade++)
            book->look[look][shade] =
                make_look(workbook, (enum sheet_look)look, (enum sheet_shade)shade);
    }
    for (int look = 0; look < LOOKS; look++) {
        book->faint[look] = make_look(workbook, (enum sheet_look)look, SHADE_NONE);
        format_set_italic(book->faint[look]);
        format_set_font_color(book->faint[look], FAINT_TEXT);
    }
    book->heading = make_heading(workbook);
    book->unit = make_unit(workbook);
    book->title = workbook_add_format(workbook);
    format_set_bold(book->title);
    format_set_font_size(book->title, 14);
    book->note = workbook_add_format(workbook);
    format_set_font_color(book->note, UNIT_TEXT);
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
        worksheet_write_string(sheet->worksheet, 0, (lxw_col_t)i, sheet->column[i].label,
                               sheet->book->heading);
    for (size_t i = 0; units && i < sheet->columns; i++)
        worksheet_write_string(sheet->worksheet, 1, (lxw_col_t)i,
                               sheet->column[i].unit ? sheet->column[i].unit : "",
                               sheet->book->unit);
    sheet->row = sheet->first = units ? 2 : 1;
}

struct sheet sheet_blank(const struct book *book, const char *name)
{
    struct sheet sheet = {.book = book,
                          .worksheet = workbook_add_worksheet(book->workbook, name),
                          .look = LOOK_PLAIN};

    worksheet_gridlines(sheet.worksheet, LXW_HIDE_ALL_GRIDLINES);
    worksheet_set_landscape(sheet.worksheet);
    worksheet_fit_to_pages(sheet.worksheet, 1, 0);
    return sheet;
}

struct sheet sheet_begin(const struct book *book, const char *name,
                         const struct sheet_column *column, size_t columns, size_t frozen)
{
    struct sheet sheet = {.book = book,
                          .worksheet = workbook_add_worksheet(book->workbook, name),
                          .column = column,
                          .columns = columns,
                          .look = LOOK_PLAIN};

    write_headings(&sheet);
    worksheet_freeze_panes(sheet.worksheet, (lxw_row_t)sheet.first, (lxw_col_t)frozen);
    worksheet_set_landscape(sheet.worksheet);
    if (columns <= PRINTED_WHOLE)
        worksheet_fit_to_pages(sheet.worksheet, 1, 0);
    worksheet_repeat_rows(sheet.worksheet, 0, (lxw_row_t)(sheet.first - 1));
    return sheet;
}

static lxw_format *look_of(const struct sheet *sheet, enum sheet_look otherwise)
{
    enum sheet_look look = sheet->at < sheet->columns ? sheet->column[sheet->at].look : otherwise;

    if (otherwise == LOOK_TEXT && look != LOOK_WRAP)
        look = LOOK_TEXT; /* whatever the column's numbers look like */
    return sheet->faint ? sheet->book->faint[look] : sheet->book->look[look][sheet->shade];
}

void sheet_number(struct sheet *sheet, double value)
{
    if (!isfinite(value)) {
        sheet_text(sheet, "");
        return;
    }
    worksheet_write_number(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)sheet->at, value,
                           look_of(sheet, sheet->look));
    sheet->at++;
}

void sheet_text(struct sheet *sheet, const char *text)
{
    if (text[0])
        worksheet_write_string(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)sheet->at, text,
                               look_of(sheet, LOOK_TEXT));
    else if (sheet->shade != SHADE_NONE)
        worksheet_write_blank(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)sheet->at,
                              look_of(sheet, LOOK_TEXT));
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
    sheet->row++;
    sheet->at = 0;
    sheet->shade = SHADE_NONE;
    sheet->look = LOOK_PLAIN;
}

void sheet_comment(struct sheet *sheet, size_t column, const char *text)
{
    lxw_comment_options options = {.author = (char *)"coebench", .x_scale = 1.6};

    worksheet_write_comment_opt(sheet->worksheet, 0, (lxw_col_t)column, text, &options);
}

void sheet_head(struct sheet *sheet, const char *text)
{
    if (sheet->at == 0)
        worksheet_set_row(sheet->worksheet, (lxw_row_t)sheet->row, HEADING_HEIGHT, NULL);
    worksheet_write_string(sheet->worksheet, (lxw_row_t)sheet->row, (lxw_col_t)sheet->at++, text,
                           sheet->book->heading);
}

void sheet_title(struct sheet *sheet, const char *text)
{
    worksheet_write_string(sheet->worksheet, (lxw_row_t)sheet->row, 0, text, sheet->book->title);
    sheet_next(sheet);
}

void sheet_say(struct sheet *sheet, const char *text)
{
    worksheet_write_string(sheet->worksheet, (lxw_row_t)sheet->row, 0, text, sheet->book->note);
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
