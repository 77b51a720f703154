#include <math.h>

#include "report/turn_words.h"
#include "report/workbook/sheets.h"

#define TIMES(name)                                                                                \
    {name " p50", "s", 11, STYLE_SECONDS}, {name " p95", "s", 11, STYLE_SECONDS},                  \
    {                                                                                              \
        name " mean", "s", 11, STYLE_SECONDS                                                       \
    }

static const struct sheet_column columns[] = {
    {"run", "", 18, STYLE_TEXT},
    {"step", "", 6, STYLE_WHOLE},
    {"model", "", 34, STYLE_TEXT},
    {"turn", "", 6, STYLE_WHOLE},
    {"requests sent", "", 9, STYLE_WHOLE},
    {"completed", "", 10, STYLE_WHOLE},
    {"not sent", "", 9, STYLE_WHOLE},
    {"input tokens", "mean", 9, STYLE_WHOLE},
    {"cached tokens", "mean", 9, STYLE_WHOLE},
    {"output tokens", "mean", 9, STYLE_WHOLE},
    TIMES("TTFT"),
    TIMES("server TTFT"),
    TIMES("end-to-end latency"),
};

static void write_turn(struct sheet *sheet, const struct results *run, const struct step *step,
                       size_t t)
{
    static const enum metric tokens[] = {METRIC_NUMBER_INPUT_TOKENS, METRIC_CACHED_TOKENS,
                                         METRIC_NUMBER_OUTPUT_TOKENS};
    static const enum metric times[] = {METRIC_CLIENT_TTFT_S, METRIC_SERVER_TTFT_S,
                                        METRIC_CLIENT_END_TO_END_LATENCY_S};
    const struct turn_figures *turn = &step->turn[t];

    sheet_text(sheet, run->name);
    sheet_number(sheet, (double)step->index + 1);
    sheet_text(sheet, step->row.model_name);
    sheet_number(sheet, (double)t + 1);
    sheet_number(sheet, (double)turn->started);
    sheet_number(sheet, (double)turn->completed);
    sheet_number(sheet, (double)turn->not_sent);
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        sheet_number(sheet, turn_mean(turn, tokens[i]));
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        sheet_number(sheet, turn_p50(turn, times[i]));
        sheet_number(sheet, turn_p95(turn, times[i]));
        sheet_number(sheet, turn_mean(turn, times[i]));
    }
    sheet_next(sheet);
}

static size_t count_turns(const struct report *report)
{
    size_t count = 0;

    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++)
            count += report->run[i].step[k].turns;
    }
    return count;
}

static void write_run(struct sheet *sheet, const struct results *run)
{
    for (size_t i = 0; i < run->count; i++) {
        for (size_t t = 0; t < run->step[i].turns; t++)
            write_turn(sheet, run, &run->step[i], t);
    }
}

void sheet_turns(const struct book *book, const struct report *report)
{
    struct sheet sheet;

    if (count_turns(report) == 0)
        return;
    sheet = sheet_begin(book, "Turns", columns, sizeof columns / sizeof *columns, 2);
    for (size_t i = 0; i < report->runs; i++)
        write_run(&sheet, &report->run[i]);
    sheet_end(&sheet);
    sheet_next(&sheet);
    sheet_say(&sheet, "Each turn of a session sends all turns before it. Not sent: turns of "
                      "sessions that failed before, or whose row's time was up.");
}
