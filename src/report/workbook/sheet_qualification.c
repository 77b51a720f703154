#include <math.h>

#include "core/text.h"
#include "core/unit.h"
#include "report/column.h"
#include "report/qualification_table.h"
#include "report/workbook/sheets.h"

enum { NAME = 512 };

static const double widths[] = {15, 44, 36, 14, 14, 10, 10, 10, 12, 10, 10, 12, 26, 9, 9, 80};

static void write_heads(struct sheet *sheet)
{
    static const char *const heads[] = {"verdict",
                                        "row",
                                        "measure",
                                        "baseline",
                                        "candidate",
                                        "unit",
                                        "candidate ÷ baseline",
                                        "from",
                                        "to",
                                        "candidate − baseline",
                                        "from",
                                        "to",
                                        "allowed",
                                        "runs",
                                        "requests",
                                        "reason"};

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        sheet_head(sheet, heads[i]);
    sheet_next(sheet);
}

static enum sheet_fill fill_of(const struct qualification_line *line)
{
    if (line->verdict == QUALIFICATION_IMPROVED)
        return FILL_GOOD;
    if (qualification_passes(line->verdict))
        return FILL_NONE;
    return line->verdict == QUALIFICATION_INCONCLUSIVE || line->verdict == QUALIFICATION_TOO_FEW
               ? FILL_DOUBT
               : FILL_BAD;
}

/* Three cells, which are empty where the change is of the other kind. */
static void write_change(struct sheet *sheet, const struct qualification_line *line, bool is)
{
    sheet_number(sheet, is ? line->change : NAN);
    sheet_number(sheet, is ? line->low : NAN);
    sheet_number(sheet, is ? line->high : NAN);
}

static void write_line(struct sheet *sheet, const struct qualification_line *line)
{
    char text[NAME];

    sheet->fill = fill_of(line);
    sheet_text(sheet, qualification_verdict_words[line->verdict]);
    sheet_text(sheet, qualification_row(line, text, sizeof text));
    sheet_text(sheet, line->measure);
    sheet->style = column_style_of_unit(line->unit);
    sheet_number(sheet, line->base.value);
    sheet_number(sheet, line->candidate.value);
    sheet_text(sheet, line->unit);
    sheet->style = STYLE_SECONDS;
    write_change(sheet, line, !line->by_difference);
    write_change(sheet, line, line->by_difference);
    sheet_text(sheet, qualification_limits(line, text, sizeof text));
    sheet->style = STYLE_WHOLE;
    sheet_number(sheet, (double)line->candidate.runs);
    sheet_number(sheet, (double)line->candidate.requests);
    sheet_text(sheet, line->reason);
    sheet_next(sheet);
}

static void write_differences(struct sheet *sheet, const char *title,
                              const struct qualification_difference *difference, size_t count)
{
    sheet_say(sheet, title);
    for (size_t i = 0; i < count; i++) {
        sheet_skip(sheet, 1);
        sheet_text(sheet, difference[i].key);
        sheet_text(sheet, difference[i].base);
        sheet_skip(sheet, 1);
        sheet_text(sheet, difference[i].candidate);
        sheet_next(sheet);
    }
    sheet_next(sheet);
}

static void write_signature(struct sheet *sheet)
{
    static const char *const lines[] = {"Name", "Date", "Signature"};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        sheet_text(sheet, lines[i]);
        sheet_text(sheet, "______________________________");
        sheet_next(sheet);
    }
}

void sheet_qualification(const struct book *book, const struct report *report)
{
    const struct qualification *qualification = report->qualification;
    struct text about = {0};
    char counts[NAME], runs[2][UNIT_TEXT];
    struct sheet sheet;

    if (!qualification)
        return;
    sheet = sheet_blank(book, "Qualification");
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        sheet_width(&sheet, i, widths[i]);
    sheet_title(&sheet, qualification->pass ? "PASS" : "FAIL");
    sheet_say(&sheet, qualification_counts(qualification, counts, sizeof counts));
    text_printf(&about, "%s (%s) against %s (%s), by %s (SHA-256 %s)", qualification->candidate,
                unit_count(qualification->candidate_runs, "run", NULL, runs[0]),
                qualification->base, unit_count(qualification->base_runs, "run", NULL, runs[1]),
                qualification->policy, qualification->policy_sha256);
    sheet_say(&sheet, about.bytes);
    text_clear(&about);
    if (qualification->by_requests)
        sheet_say(&sheet, qualification_caveat);
    sheet_next(&sheet);
    write_heads(&sheet);
    for (size_t i = 0; i < qualification->lines; i++)
        write_line(&sheet, &qualification->line[i]);
    sheet_next(&sheet);
    write_differences(&sheet, "What else differs between the first runs of the sides",
                      qualification->difference, qualification->differences);
    if (qualification->servers > 0)
        write_differences(&sheet, "What their servers report of themselves, which is not a gate",
                          qualification->server, qualification->servers);
    write_signature(&sheet);
}
