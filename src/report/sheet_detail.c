#include <math.h>
#include <stdio.h>

#include "core/text.h"
#include "report/detail.h"
#include "report/request_column.h"
#include "report/sheets.h"
#include "report/terminal.h"
#include "stats/quantile.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { NAME = 512 };

static void write_step(struct sheet *sheet, const struct step_detail *step)
{
    char name[NAME];

    terminal_row(&step->step->row, NAME / 2, name, sizeof name);
    sheet_number(sheet, (double)(step->run + 1));
    sheet_number(sheet, (double)step->step->index);
    sheet_text(sheet, name);
}

#define STEP_COLUMNS                                                                               \
    {"run", "", 6, LOOK_WHOLE}, {"step", "", 6, LOOK_WHOLE},                                       \
    {                                                                                              \
        "row", "", 44, LOOK_TEXT                                                                   \
    }

/* --- Requests --------------------------------------------------------------------------------- */

void sheet_requests(const struct book *book, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct sheet sheet =
        sheet_begin(book, "Requests", request_columns(), request_column_count(), 3);
    struct text cut = {0};

    for (size_t i = 0; i < detail->steps; i++) {
        for (size_t k = 0; k < detail->step[i].lines; k++) {
            if (detail->step[i].line[k].in_sheet)
                request_write_cells(&sheet, &detail->step[i].line[k]);
        }
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

#define RANGE(name, unit, look)                                                                    \
    {name " p5", unit, 10, look}, {name " p50", unit, 10, look},                                   \
    {                                                                                              \
        name " p95", unit, 10, look                                                                \
    }

static const struct sheet_column batch_columns[] = {
    STEP_COLUMNS,
    {"batch size", "requests", 9, LOOK_WHOLE},
    {"requests", "", 9, LOOK_WHOLE},
    RANGE("server TTFT", "s", LOOK_SECONDS),
    RANGE("server end-to-end", "s", LOOK_SECONDS),
    RANGE("server output speed", "tokens/s", LOOK_RATE),
    RANGE("client TTFT", "s", LOOK_SECONDS),
    RANGE("client end-to-end", "s", LOOK_SECONDS),
    RANGE("client output speed", "tokens/s", LOOK_RATE),
    {"server total throughput", "tokens/s", 12, LOOK_RATE},
    {"client total throughput", "tokens/s", 12, LOOK_RATE},
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
    sheet_say(&sheet, "Total throughput is the batch size times the median output speed of its "
                      "requests. An empty batch size: the server tells none, and no TTFT by which "
                      "it could be estimated. Grey italics: fewer requests than such a quantile "
                      "takes.");
}

/* --- Timeline --------------------------------------------------------------------------------- */

static const struct sheet_column timeline_columns[] = {
    STEP_COLUMNS,
    {"pass", "", 6, LOOK_WHOLE},
    {"began", "s", 11, LOOK_SECONDS},
    {"took", "s", 11, LOOK_SECONDS},
    {"requests", "", 9, LOOK_WHOLE},
    {"errors", "", 8, LOOK_WHOLE},
    {"first TTFT", "s", 10, LOOK_SECONDS},
    {"switch", "s", 10, LOOK_SECONDS},
    {"switch verdict", "", 16, LOOK_TEXT},
    {"step end", "", 12, LOOK_TEXT},
    {"measurement", "", 24, LOOK_TEXT},
};

void sheet_timeline(const struct book *book, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct sheet sheet =
        sheet_begin(book, "Timeline", timeline_columns, COUNT_OF(timeline_columns), 3);

    for (size_t i = 0; i < detail->steps; i++) {
        const struct step_detail *about = &detail->step[i];
        const struct step *step = about->step;

        sheet.shade = step->end != STEP_DONE || step->completed == 0 ? SHADE_BAD : SHADE_NONE;
        write_step(&sheet, about);
        sheet_number(&sheet, step->pass > 0 ? (double)step->pass : NAN);
        sheet_number(&sheet, about->began_s);
        sheet_number(&sheet, step->wall_s);
        sheet_number(&sheet, (double)step->started);
        sheet_number(&sheet, (double)step->errors);
        sheet_number(&sheet, about->lines > 0
                                 ? about->line[0].outcome.figures.value[METRIC_CLIENT_TTFT_S]
                                 : NAN);
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
    {"error_code", "", 18, LOOK_TEXT},
    {"requests", "", 10, LOOK_WHOLE},
    {"of those sent", "", 10, LOOK_SHARE},
    {"the first of them", "", 100, LOOK_WRAP},
};

void sheet_errors(const struct book *book, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct sheet sheet = sheet_begin(book, "Errors", error_columns, COUNT_OF(error_columns), 3);
    size_t kinds = 0;

    for (size_t i = 0; i < detail->steps; i++) {
        const struct step *step = detail->step[i].step;

        kinds += step->error_kinds;
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
    if (kinds == 0)
        sheet_say(&sheet, "No request failed.");
}
