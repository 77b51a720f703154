#include <math.h>

#include "report/workbook/sheets.h"

#define TTFT(whose, after)                                                                         \
    {whose " TTFT after " after ": requests", "", 10, STYLE_WHOLE},                                \
        {whose " TTFT after " after " p50", "s", 11, STYLE_SECONDS},                               \
        {whose " TTFT after " after " p95", "s", 11, STYLE_SECONDS},                               \
    {                                                                                              \
        whose " TTFT after " after " mean", "s", 11, STYLE_SECONDS                                 \
    }

/* A value, its 95 % interval, what the study predicts, and the value less that. */
#define COST(label, unit, style)                                                                   \
    {label, unit, 11, style}, {label " from", unit, 10, style}, {label " to", unit, 10, style},    \
        {label " predicted", unit, 10, style},                                                     \
    {                                                                                              \
        label " less predicted", unit, 10, style                                                   \
    }
#define RANGE(label, unit, style)                                                                  \
    {label, unit, 11, style}, {label " from", unit, 10, style},                                    \
    {                                                                                              \
        label " to", unit, 10, style                                                               \
    }

/* Sixteen TTFTs in the order of the enumerations, by whose clock, and after what; then what
 * switching costs. */
static const struct sheet_column columns[] = {
    {"run", "", 18, STYLE_TEXT},
    {"mix", "", 18, STYLE_TEXT},
    {"pass", "", 6, STYLE_WHOLE},
    {"step", "", 6, STYLE_WHOLE},
    {"model", "", 34, STYLE_TEXT},
    {"time in which all send", "s", 11, STYLE_SECONDS},
    {"requests in it", "", 9, STYLE_WHOLE},
    {"share of calls", "", 8, STYLE_SHARE},
    {"offered", "requests/s", 10, STYLE_RATE},
    {"achieved", "requests/s", 10, STYLE_RATE},
    {"utilisation", "", 10, STYLE_SHARE},
    TTFT("server", "the same"),
    TTFT("server", "another"),
    TTFT("client", "the same"),
    TTFT("client", "another"),
    {"switching not measured, since", "", 18, STYLE_TEXT},
    COST("calls that pay for a switch", "", STYLE_SHARE),
    COST("switch of its own, a call", "s", STYLE_SECONDS),
    COST("node's time for switches", "", STYLE_SHARE),
    COST("longer in all, a call", "s", STYLE_SECONDS),
    RANGE("one switch", "s", STYLE_SECONDS),
    RANGE("TTFT after another less the same", "s", STYLE_SECONDS),
    {"calls in a row", "", 8, STYLE_RATE},
    {"served", "", 10, STYLE_TEXT},
    {"study", "", 18, STYLE_TEXT},
    {"not predicted, since", "", 18, STYLE_TEXT},
};

enum { TTFTS = 4 * SWITCH_SOURCES * MIX_AFTERS };

/* Before the figures of a mix, and of each of its members. */
static void write_name(struct sheet *sheet, const struct results *run, const struct mix *mix,
                       const struct mix_member *member)
{
    sheet_text(sheet, run->name);
    sheet_text(sheet, mix->name);
    sheet_number(sheet, mix->pass > 0 ? (double)mix->pass : NAN);
    sheet_number(sheet, member ? (double)member->step + 1 : NAN);
    sheet_text(sheet, member ? member->model : "all");
    sheet_number(sheet, member ? NAN : mix->window_s);
}

static void write_range(struct sheet *sheet, const struct mix_range *range)
{
    sheet_number(sheet, range->value);
    sheet_number(sheet, range->low);
    sheet_number(sheet, isinf(range->high) ? NAN : range->high);
}

static void write_cost(struct sheet *sheet, const struct mix_range *range, double predicted)
{
    write_range(sheet, range);
    sheet_number(sheet, predicted);
    sheet_number(sheet, range->value - predicted);
}

static const struct mix_range not_known = {NAN, NAN, NAN};

static void write_switching(struct sheet *sheet, const struct mix *mix)
{
    const struct mix_switching *costs = &mix->switching;
    bool told = !isnan(costs->overtaken_share);

    sheet_text(sheet, mix_reason_words[costs->reason]);
    write_cost(sheet, &costs->switch_paid_share, costs->predicted.switch_paid_share);
    write_cost(sheet, &costs->switch_s_per_call, costs->predicted.switch_s_per_call);
    write_cost(sheet, &costs->switch_time_share, costs->predicted.switch_time_share);
    write_cost(sheet, &costs->switch_wait_s_per_call, costs->predicted_wait_s_per_call);
    write_range(sheet, &not_known);
    write_range(sheet, &not_known);
    sheet_number(sheet, costs->calls_in_a_row);
    sheet_text(sheet, told ? mix_served_words[costs->grouped] : "");
    sheet_text(sheet, mix->study ? mix->study : "");
    sheet_text(sheet, mix->study ? mix_lack_words[costs->lack] : "");
}

static void write_member_switching(struct sheet *sheet, const struct mix_member_switching *costs)
{
    sheet_text(sheet, mix_reason_words[costs->reason]);
    write_cost(sheet, &costs->switch_paid_share, costs->predicted.switch_paid_share);
    write_cost(sheet, &costs->switch_s_per_call, costs->predicted.switch_s_per_call);
    write_cost(sheet, &costs->switch_time_share, costs->predicted.switch_time_share);
    write_cost(sheet, &not_known, NAN);
    write_range(sheet, &costs->switch_s);
    write_range(sheet, &costs->difference_s);
}

static void write_mix(struct sheet *sheet, const struct results *run, const struct mix *mix)
{
    sheet->fill = mix->window_s > 0 ? FILL_NONE : FILL_DOUBT;
    write_name(sheet, run, mix, NULL);
    sheet_number(sheet, mix->calls);
    sheet_number(sheet, mix->calls > 0 ? 1 : NAN);
    sheet_number(sheet, mix->offered_per_s);
    sheet_number(sheet, mix->achieved_per_s);
    sheet_number(sheet, mix->utilisation);
    for (int i = 0; i < TTFTS; i++)
        sheet_number(sheet, NAN);
    write_switching(sheet, mix);
    sheet_next(sheet);
}

static void write_member(struct sheet *sheet, const struct results *run, const struct mix *mix,
                         size_t index)
{
    const struct mix_member *member = &mix->member[index];

    write_name(sheet, run, mix, member);
    sheet_number(sheet, member->calls);
    sheet_number(sheet, member->share);
    sheet_number(sheet, member->offered_per_s);
    sheet_number(sheet, member->achieved_per_s);
    sheet_number(sheet, member->utilisation);
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int after = 0; after < MIX_AFTERS; after++) {
            const struct mix_ttft *ttft = &member->ttft[source][after];

            sheet_number(sheet, ttft->count);
            sheet_number(sheet, ttft->p50_s);
            sheet_number(sheet, ttft->p95_s);
            sheet_number(sheet, ttft->mean_s);
        }
    }
    write_member_switching(sheet, &mix->switching.member[index]);
    sheet_next(sheet);
}

static size_t count_mixes(const struct report *report)
{
    size_t count = 0;

    for (size_t i = 0; i < report->runs; i++)
        count += report->run[i].mixes;
    return count;
}

void sheet_mixes(const struct book *book, const struct report *report)
{
    struct sheet sheet;

    if (count_mixes(report) == 0)
        return;
    sheet = sheet_begin(book, "Mixes", columns, sizeof columns / sizeof *columns, 2);
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].mixes; k++) {
            const struct mix *mix = &report->run[i].mix[k];

            write_mix(&sheet, &report->run[i], mix);
            for (size_t m = 0; m < mix->members; m++)
                write_member(&sheet, &report->run[i], mix, m);
        }
    }
    sheet_end(&sheet);
    sheet_next(&sheet);
    sheet_say(
        &sheet,
        "Rows of a mix run together. Figures cover the time in which every member still "
        "sends. After the same, after another: the configuration of the request that was "
        "served just before, by first token less server TTFT, else by order of sending. From, "
        "to: 95 % intervals. Predicted: by the switching study that is named, at the mix's "
        "rate.");
}
