#include <math.h>
#include <stdio.h>

#include "core/text.h"
#include "report/detail.h"
#include "report/request_column.h"
#include "report/workbook/sheets.h"
#include "stats/quantile.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Of the requests, who prints the workbook gets so many. */
enum { PRINT_MOST = 60 };

static void write_step(struct sheet *sheet, const struct step_detail *step)
{
    sheet_number(sheet, (double)(step->run + 1));
    sheet_number(sheet, (double)step->step->index);
    sheet_text(sheet, step->row);
}

#define STEP_COLUMNS                                                                               \
    {"run", "", 6, STYLE_WHOLE}, {"step", "", 6, STYLE_WHOLE},                                     \
    {                                                                                              \
        "row", "", 44, STYLE_TEXT                                                                  \
    }

/* --- Requests --------------------------------------------------------------------------------- */

/* The library keeps each cell until the end, so each line makes room for its own. */
void sheet_requests(const struct book *book, const struct report *report)
{
    struct detail *detail = report->detail;
    struct sheet sheet =
        sheet_begin(book, "Requests", request_columns(), request_column_count(), 3);
    struct text cut = {0};

    sheet.print_most = PRINT_MOST;
    for (size_t i = 0; i < detail->steps; i++) {
        for (size_t k = 0; k < detail->step[i].lines; k++) {
            if (detail->step[i].line[k].in_sheet)
                request_write_cells(&sheet, &detail->step[i].line[k]);
        }
        detail_forget_lines(&detail->step[i]);
    }
    sheet_end(&sheet);
    if (detail->requests > detail->in_sheet) {
        text_printf(&cut, "%zu more requests are not listed here; all %zu are in %s.",
                    detail->requests - detail->in_sheet, detail->requests, report->csv_name);
        sheet_say(&sheet, cut.bytes);
        text_clear(&cut);
    }
    if (detail->unread)
        sheet_say(&sheet, detail->why);
}

/* --- Batches ---------------------------------------------------------------------------------- */

#define RANGE(name, unit, style)                                                                   \
    {name " p5", unit, 10, style}, {name " p50", unit, 10, style},                                 \
    {                                                                                              \
        name " p95", unit, 10, style                                                               \
    }

static const struct sheet_column batch_columns[] = {
    STEP_COLUMNS,
    {"batch size", "requests", 9, STYLE_WHOLE},
    {"requests", "", 9, STYLE_WHOLE},
    RANGE("server TTFT", "s", STYLE_SECONDS),
    RANGE("server end-to-end", "s", STYLE_SECONDS),
    RANGE("server output speed", "tokens/s", STYLE_RATE),
    RANGE("client TTFT", "s", STYLE_SECONDS),
    RANGE("client end-to-end", "s", STYLE_SECONDS),
    RANGE("client output speed", "tokens/s", STYLE_RATE),
    {"server total throughput", "tokens/s", 12, STYLE_RATE},
    {"client total throughput", "tokens/s", 12, STYLE_RATE},
};

void sheet_batches(const struct book *book, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct sheet sheet = sheet_begin(book, "Batches", batch_columns, COUNT_OF(batch_columns), 3);

    for (size_t i = 0; i < detail->steps; i++) {
        for (size_t k = 0; k < detail->step[i].batches; k++) {
            const struct batch_figures *batch = &detail->step[i].batch[k];
            bool few = !quantile_is_supported(batch->requests, 0.95);

            write_step(&sheet, &detail->step[i]);
            sheet_number(&sheet, batch->size);
            sheet_number(&sheet, (double)batch->requests);
            for (int source = 0; source < SWITCH_SOURCES; source++) {
                for (int figure = 0; figure < BATCH_FIGURES; figure++) {
                    sheet.faint = few;
                    sheet_number(&sheet, batch->figure[source][figure].p5);
                    sheet.faint = false;
                    sheet_number(&sheet, batch->figure[source][figure].p50);
                    sheet.faint = few;
                    sheet_number(&sheet, batch->figure[source][figure].p95);
                    sheet.faint = false;
                }
            }
            sheet_number(&sheet, batch->throughput[SWITCH_SERVER]);
            sheet_number(&sheet, batch->throughput[SWITCH_CLIENT]);
            sheet_next(&sheet);
        }
    }
    sheet_end(&sheet);
    sheet_say(&sheet,
              "Total throughput is how many of its requests ran together, on average, times "
              "their median output speed. An empty batch size: the server reports none, and no "
              "TTFT shows "
              "it. Grey italics: fewer requests than such a quantile "
              "takes.");
}

/* --- Timeline --------------------------------------------------------------------------------- */

static const struct sheet_column timeline_columns[] = {
    STEP_COLUMNS,
    {"pass", "", 6, STYLE_WHOLE},
    {"began", "s", 11, STYLE_SECONDS},
    {"took", "s", 11, STYLE_SECONDS},
    {"requests", "", 9, STYLE_WHOLE},
    {"errors", "", 8, STYLE_WHOLE},
    {"first TTFT", "s", 10, STYLE_SECONDS},
    {"switch", "s", 10, STYLE_SECONDS},
    {"switch verdict", "", 16, STYLE_TEXT},
    {"step end", "", 12, STYLE_TEXT},
    {"measurement", "", 24, STYLE_TEXT},
};

void sheet_timeline(const struct book *book, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct sheet sheet =
        sheet_begin(book, "Timeline", timeline_columns, COUNT_OF(timeline_columns), 3);

    for (size_t i = 0; i < detail->steps; i++) {
        const struct step_detail *about = &detail->step[i];
        const struct step *step = about->step;

        sheet.fill = step->end != STEP_DONE || step->completed == 0 ? FILL_BAD : FILL_NONE;
        write_step(&sheet, about);
        sheet_number(&sheet, step->pass > 0 ? (double)step->pass : NAN);
        sheet_number(&sheet, about->began_s);
        sheet_number(&sheet, step->wall_s);
        sheet_number(&sheet, (double)step->started);
        sheet_number(&sheet, (double)step->errors);
        sheet_number(&sheet, about->lines > 0 ? about->line[0].value[LINE_CLIENT_TTFT_S] : NAN);
        sheet_number(&sheet,
                     step->estimate.verdict == SWITCH_DETECTED ? step->estimate.value_s : NAN);
        sheet_text(&sheet, switch_verdict_words[step->estimate.verdict]);
        sheet_text(&sheet, step_end_words[step->end]);
        sheet_text(&sheet, measurement_verdict_words[step->health.verdict]);
        sheet_next(&sheet);
    }
    sheet_end(&sheet);
}

/* --- Errors ----------------------------------------------------------------------------------- */

static const struct sheet_column error_columns[] = {
    STEP_COLUMNS,
    {"error_code", "", 18, STYLE_TEXT},
    {"requests", "", 10, STYLE_WHOLE},
    {"of those sent", "", 10, STYLE_SHARE},
    {"the first of them", "", 100, STYLE_WRAP},
};

void sheet_errors(const struct book *book, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct sheet sheet = sheet_begin(book, "Errors", error_columns, COUNT_OF(error_columns), 3);
    size_t kinds = 0, errors = 0;

    for (size_t i = 0; i < detail->steps; i++) {
        const struct step *step = detail->step[i].step;

        kinds += step->error_kinds;
        errors += step->errors;
        for (size_t k = 0; k < step->error_kinds; k++) {
            write_step(&sheet, &detail->step[i]);
            sheet_text(&sheet, step->error[k].code);
            sheet_number(&sheet, (double)step->error[k].count);
            sheet_number(&sheet, (double)step->error[k].count / (double)step->started);
            sheet_text(&sheet, detail->step[i].example[k]);
            sheet_next(&sheet);
        }
    }
    sheet_end(&sheet);
    if (errors == 0 && kinds == 0)
        sheet_say(&sheet, "No request failed.");
    else if (kinds == 0)
        sheet_say(&sheet, "Requests failed, and the files do not name their codes.");
}
