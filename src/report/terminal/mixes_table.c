#include "report/terminal/mixes_table.h"

#include <math.h>

#include "core/text.h"
#include "core/unit.h"
#include "report/mix_words.h"
#include "report/short_name.h"
#include "report/terminal/cells.h"
#include "report/terminal/terminal.h"

enum { NUMBER, MODEL, CALLS, SHARE, RATE, BUSY, SAME, SAME_P95, OTHER, OTHER_P95 };
enum { VISITS_MOST = 8, NAME_MOST = 40, NAME_TEXT = 256 };

static const struct cells_column columns[] = {
    [NUMBER] = {"#", CELLS_RIGHT, 0},
    [MODEL] = {"model", CELLS_MODEL, 0},
    [CALLS] = {"calls", CELLS_RIGHT, 1},
    [SHARE] = {"share", CELLS_RIGHT, 2},
    [RATE] = {"/s", CELLS_RIGHT, 4},
    [BUSY] = {"busy", CELLS_RIGHT, 3},
    [SAME] = {"TTFT after same", CELLS_RIGHT, 0},
    [SAME_P95] = {"p95", CELLS_RIGHT, 5},
    [OTHER] = {"after another", CELLS_RIGHT, 0},
    [OTHER_P95] = {"p95", CELLS_RIGHT, 5},
};

/* The server's clock where it tells of the mix, else the client's. */
static enum switch_source source_of(const struct mix *mix)
{
    double told = 0;

    for (size_t i = 0; i < mix->members; i++) {
        const struct mix_ttft *ttft = mix->member[i].ttft[SWITCH_SERVER];

        told += ttft[MIX_AFTER_SAME].count + ttft[MIX_AFTER_OTHER].count;
    }
    return told > 0 ? SWITCH_SERVER : SWITCH_CLIENT;
}

static void set_member(const struct mix_member *member, enum switch_source source,
                       struct cells *cells)
{
    const struct mix_ttft *same = &member->ttft[source][MIX_AFTER_SAME];
    const struct mix_ttft *other = &member->ttft[source][MIX_AFTER_OTHER];
    char text[UNIT_TEXT];

    cells_add_line(cells, NULL);
    cells->line[cells->lines - 1].name = member->model;
    cells_set(cells, NUMBER, "%zu", member->step + 1);
    cells_set(cells, CALLS, "%.0f", member->calls);
    cells_set(cells, SHARE, "%s", unit_share(member->share, text));
    cells_set(cells, RATE, "%s", unit_number(member->achieved_per_s, text));
    cells_set(cells, BUSY, "%s", unit_share(member->utilisation, text));
    cells_set(cells, SAME, "%s", unit_time(same->p50_s, text));
    cells_set(cells, SAME_P95, "%s", unit_time(same->p95_s, text));
    cells_set(cells, OTHER, "%s", unit_time(other->p50_s, text));
    cells_set(cells, OTHER_P95, "%s", unit_time(other->p95_s, text));
}

static void add_rates(const struct mix *mix, struct text *text)
{
    char number[UNIT_TEXT];

    text_printf(text, "all %zu send for %s", mix->members, unit_time(mix->window_s, number));
    if (!isnan(mix->offered_per_s))
        text_printf(text, ", %s requests/s offered", unit_number(mix->offered_per_s, number));
    text_printf(text, ", %s requests/s completed", unit_number(mix->achieved_per_s, number));
    if (!isnan(mix->utilisation))
        text_printf(text, ", the node busy %s", unit_share(mix->utilisation, number));
}

static void say_mix(FILE *out, const struct mix *mix, bool passes)
{
    struct text text = {0};
    char name[NAME_TEXT];

    short_name(mix->name, NAME_MOST, name, sizeof name);
    text_printf(&text, "mix %s", name);
    if (passes)
        text_printf(&text, ", pass %zu", mix->pass);
    text_add_string(&text, ": ");
    if (mix->window_s > 0)
        add_rates(mix, &text);
    else
        text_add_string(&text, "its members never sent all at once, so it has no figures");
    terminal_note(out, COLOUR_NONE, "%s", text.bytes);
    text_clear(&text);
}

static void print_members(FILE *out, const struct mix *mix)
{
    enum switch_source source = source_of(mix);
    struct cells cells;

    if (!(mix->window_s > 0))
        return;
    cells_init(&cells, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < mix->members; i++)
        set_member(&mix->member[i], source, &cells);
    cells_print(&cells, out, terminal_columns(out));
    cells_clear(&cells);
}

/* --- What switching costs it ------------------------------------------------------------------ */

enum {
    COST_NUMBER,
    COST_MODEL,
    PAID,
    PAID_LOW,
    PAID_TOLD,
    CALL,
    CALL_LOW,
    CALL_TOLD,
    TIME,
    TIME_TOLD
};

static const struct cells_column cost_columns[] = {
    [COST_NUMBER] = {"#", CELLS_RIGHT, 0},
    [COST_MODEL] = {"model", CELLS_MODEL, 0},
    [PAID] = {"pay", CELLS_RIGHT, 0},
    [PAID_LOW] = {"95 %", CELLS_LEFT, 2},
    [PAID_TOLD] = {"predicted", CELLS_RIGHT, 4},
    [CALL] = {"a call", CELLS_RIGHT, 0},
    [CALL_LOW] = {"95 %", CELLS_LEFT, 3},
    [CALL_TOLD] = {"predicted", CELLS_RIGHT, 5},
    [TIME] = {"node's time", CELLS_RIGHT, 0},
    [TIME_TOLD] = {"predicted", CELLS_RIGHT, 6},
};

static void set_told(struct cells *cells, const struct mix_predicted *told)
{
    char text[UNIT_TEXT];

    if (isnan(told->switch_paid_share))
        return;
    cells_set(cells, PAID_TOLD, "%s", unit_share(told->switch_paid_share, text));
    cells_set(cells, CALL_TOLD, "%s", unit_time(told->switch_s_per_call, text));
    cells_set(cells, TIME_TOLD, "%s", unit_share(told->switch_time_share, text));
}

static void set_costs(const struct mix_member *member, const struct mix_member_switching *costs,
                      struct cells *cells)
{
    char text[UNIT_TEXT], other[UNIT_TEXT];

    cells_add_line(cells, NULL);
    cells->line[cells->lines - 1].name = member->model;
    cells_set(cells, COST_NUMBER, "%zu", member->step + 1);
    set_told(cells, &costs->predicted);
    cells_set(cells, PAID, "%s", unit_share(costs->switch_paid_share.value, text));
    cells_set(cells, CALL, "%s", unit_time(costs->switch_s_per_call.value, text));
    cells_set(cells, TIME, "%s", unit_share(costs->switch_time_share.value, text));
    if (isnan(costs->switch_paid_share.value))
        return;
    cells_set(cells, PAID_LOW, "%s to %s", unit_share(costs->switch_paid_share.low, text),
              unit_share(costs->switch_paid_share.high, other));
    if (isfinite(costs->switch_s_per_call.high))
        cells_set(
            cells, CALL_LOW, "%s",
            unit_time_range(costs->switch_s_per_call.low, costs->switch_s_per_call.high, text));
}

static void print_costs(FILE *out, const struct mix *mix)
{
    struct cells cells;

    if (mix->switching.reason != MIX_MEASURED)
        return;
    cells_init(&cells, cost_columns, sizeof cost_columns / sizeof *cost_columns);
    for (size_t i = 0; i < mix->members; i++)
        set_costs(&mix->member[i], &mix->switching.member[i], &cells);
    cells_print(&cells, out, terminal_columns(out));
    cells_clear(&cells);
}

static void say_part(FILE *out, const struct mix *mix,
                     void (*add)(const struct mix *mix, struct text *text))
{
    struct text text = {0};

    add(mix, &text);
    if (text.length > 0)
        terminal_say(out, "%s", text.bytes);
    text_clear(&text);
}

static void print_switching(FILE *out, const struct mix *mix)
{
    if (!(mix->window_s > 0))
        return;
    say_part(out, mix, mix_words_add_measured);
    print_costs(out, mix);
    say_part(out, mix, mix_words_add_predicted);
    say_part(out, mix, mix_words_add_remarks);
}

void mixes_table(FILE *out, const struct results *results)
{
    bool passes = results->mixes > 0 && results->mix[results->mixes - 1].pass > 1;

    for (size_t i = 0; i < results->mixes && i < VISITS_MOST; i++) {
        fputc('\n', out);
        say_mix(out, &results->mix[i], passes);
        print_members(out, &results->mix[i]);
        print_switching(out, &results->mix[i]);
    }
    if (results->mixes > VISITS_MOST)
        terminal_note(out, COLOUR_NONE, "and %zu more visits of mixes: sheet Mixes of the workbook",
                      results->mixes - VISITS_MOST);
    if (results->mixes > 0)
        terminal_say(out, "TTFT: by the server's clock where it tells one, after the same and "
                          "after another configuration");
}
