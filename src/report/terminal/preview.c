#include "report/terminal/preview.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/text.h"
#include "report/terminal/terminal.h"

/* A sequence is shown up to VISITS_SHOWN. */
enum { WIDTH = 78, WIDTH_LEAST = 20, VISITS_SHOWN = 400 };

/* Prints the paragraph, and clears it. */
static void say(FILE *out, struct text *text)
{
    terminal_note(out, COLOUR_NONE, "%s", text->bytes);
    text_clear(text);
}

static void print_heading(FILE *out, const struct preview_order *order)
{
    struct text text = {0};

    text_printf(&text, "order %s%s", order->name, order->self_pairs ? " with self pairs" : "");
    text_printf(&text, ", %s%lld pass%s", order->at_most ? "at most " : "",
                (long long)order->passes, order->passes == 1 ? "" : "es");
    if (order->warmups > 0)
        text_printf(&text, ", after %zu warm-up%s", order->warmups, order->warmups == 1 ? "" : "s");
    text_printf(&text,
                "%s:", order->drawn_anew ? " (drawn anew for each run, unless a seed is set)" : "");
    say(out, &text);
}

static int width_of(FILE *out)
{
    int columns = terminal_columns(out);

    if (columns == 0 || columns > WIDTH)
        return WIDTH;
    return columns > WIDTH_LEAST ? columns : WIDTH_LEAST;
}

/* "3", of a mix "1+4"; "| " before a pass. How many visits it took, which are its members. */
static size_t add_visit(const struct preview_order *order, size_t i, struct text *text)
{
    size_t members = 1;

    if (i > 0 && order->visit[i].pass != order->visit[i - 1].pass)
        text_add_string(text, "| ");
    text_printf(text, "%zu", order->visit[i].row + 1);
    for (; i + members < order->visits && order->visit[i + members].member > 0; members++)
        text_printf(text, "+%zu", order->visit[i + members].row + 1);
    return members;
}

static void print_order(FILE *out, const struct preview_order *order)
{
    size_t column = 0, width = (size_t)width_of(out), shown = 0;
    struct text visit = {0};

    fputc('\n', out);
    print_heading(out, order);
    fputc(' ', out);
    while (shown < order->visits && shown < VISITS_SHOWN) {
        text_reset(&visit);
        shown += add_visit(order, shown, &visit);
        if (column + visit.length + 2 > width) {
            fprintf(out, "\n ");
            column = 0;
        }
        fprintf(out, " %s", visit.bytes);
        column += visit.length + 1;
    }
    if (order->visits > shown)
        fprintf(out, " … and %zu more", order->visits - shown);
    fputc('\n', out);
    text_clear(&visit);
}

/* --- Pairs ------------------------------------------------------------------------------------ */

static void print_matrix(FILE *out, const struct preview *preview)
{
    const size_t rows = preview->rows, *times = preview->pairs.times;

    fprintf(out, "  from \\ to");
    for (size_t to = 0; to < rows; to++) {
        if (!preview->aside[to])
            fprintf(out, " %3zu", to + 1);
    }
    fputc('\n', out);
    for (size_t from = 0; from < rows; from++) {
        if (preview->aside[from])
            continue;
        fprintf(out, "  %9zu", from + 1);
        for (size_t to = 0; to < rows; to++) {
            if (preview->aside[to])
                continue;
            if (times[from * rows + to] > 0)
                fprintf(out, " %3zu", times[from * rows + to]);
            else
                fprintf(out, "   ·");
        }
        fputc('\n', out);
    }
}

static void print_pairs(FILE *out, const struct preview *preview)
{
    const struct preview_pairs *pairs = &preview->pairs;
    struct text text = {0};

    if (pairs->possible == 0)
        return;
    if (pairs->least == pairs->most)
        text_printf(&text, "each of the %zu ordered pairs of rows %zu time%s", pairs->possible,
                    pairs->most, pairs->most == 1 ? "" : "s");
    else
        text_printf(&text, "%zu of the %zu ordered pairs of rows, up to %zu time%s each",
                    pairs->visited, pairs->possible, pairs->most, pairs->most == 1 ? "" : "s");
    if (pairs->self > 0)
        text_printf(&text, "; a row after itself %zu time%s", pairs->self,
                    pairs->self == 1 ? "" : "s");
    say(out, &text);
    if (pairs->least != pairs->most && pairs->times)
        print_matrix(out, preview);
}

/* --- What it would see ------------------------------------------------------------------------ */

static void print_visits(FILE *out, const struct preview_sight *sight)
{
    struct text text = {0};

    text_printf(&text, "In 80 %% of cases a visit shows a switch from %.1f", sight->least);
    if (sight->most > 1.05 * sight->least)
        text_printf(&text, " (some rows: %.1f)", sight->most);
    text_printf(&text,
                " standard deviations of the TTFT on (%.0f degrees of freedom): where TTFTs vary "
                "by %g %%, from %.0f %% of one.",
                sight->df, 100 * sight->spread, 100 * sight->spread * sight->most);
    if (sight->visits > 1)
        text_printf(&text, " All %zu visits to a row together: from %.0f %%.", sight->visits,
                    100 * sight->spread * sight->together);
    if (sight->blind > 0)
        text_printf(&text, " %zu row%s show none: no request runs after the first wave.",
                    sight->blind, sight->blind == 1 ? "" : "s");
    fputc('\n', out);
    say(out, &text);
}

static void print_sight(FILE *out, const struct preview *preview)
{
    const struct preview_sight *sight = &preview->sight;

    if (sight->unknown > 0) {
        fputc('\n', out);
        terminal_note(out, COLOUR_NONE,
                      "What a switch would show in %zu open-loop row%s depends on the responses; "
                      "a probe would show it.",
                      sight->unknown, sight->unknown == 1 ? "" : "s");
    }
    if (preview->measured == 0 && preview->rows > 0) {
        fputc('\n', out);
        terminal_note(out, COLOUR_NONE,
                      "All rows run in mixes, or are warm-ups: none is visited as a study does.");
    }
    if (sight->unknown == preview->measured)
        return;
    if (sight->df > 0) {
        print_visits(out, sight);
        return;
    }
    fputc('\n', out);
    terminal_note(out, COLOUR_NONE,
                  "No switch can be measured: nowhere are there two steady requests, or waves. Set "
                  "probe.steady, or more num_requests.");
}

void preview_print(FILE *out, const struct preview *preview)
{
    if (preview->beside)
        return;
    if (!preview->as_listed) {
        print_order(out, &preview->order);
        print_pairs(out, preview);
    }
    print_sight(out, preview);
}

/* --- Until it is sure ------------------------------------------------------------------------- */

static void print_rule(FILE *out, const struct preview_end *end)
{
    fputc('\n', out);
    terminal_note(out, COLOUR_NONE,
                  "stop_when: the study ends after the pass, from the second on, by which the "
                  "switch %s is known within ±%.3g %% (at %.3g %%), or is none that matters; after "
                  "%" PRId64 " in any case.",
                  end->pairs ? "from each row to each" : "to each row", 100 * end->half_width,
                  100 * end->confidence, end->at_most);
}

/* What the expected is expected by. */
static void add_premise(struct text *text, const struct preview_premise *premise)
{
    if (premise->measured)
        text_printf(text, ", if TTFTs and switches are as in %s, ", premise->like);
    else
        text_printf(text, ", if TTFTs vary by %.3g %%, a switch takes as long as a TTFT, ",
                    100 * premise->spread);
    text_printf(text, "what it costs varies by %.3g %%%s, and every visit pays.",
                100 * premise->cost_share,
                premise->measured && !premise->cost_measured ? " (that run does not show it)" : "");
}

void preview_print_end(FILE *out, const struct preview_end *end)
{
    struct text text = {0};

    if (!end->asked)
        return;
    print_rule(out, end);
    if (!end->shows) {
        text_printf(&text, "Expected: all %" PRId64 ", since no row shows a switch.", end->at_most);
    } else if (end->expected > end->at_most) {
        text_printf(&text, "Expected: all %" PRId64 ", and not to be sure then", end->at_most);
        add_premise(&text, &end->premise);
    } else {
        text_printf(&text, "Expected: %" PRId64 " passes", end->expected);
        add_premise(&text, &end->premise);
    }
    say(out, &text);
}

/* --- Mixes ------------------------------------------------------------------------------------ */

static void add_members(struct text *text, const struct preview_mix *mix)
{
    enum { SHOWN = 8 };

    for (size_t m = 0; m < mix->members && m < SHOWN; m++)
        text_printf(text, "%s row %zu %zu of %zu", m > 0 ? "," : "; of", mix->member[m].row + 1,
                    mix->member[m].paying, mix->member[m].calls);
    if (mix->members > SHOWN)
        text_add_string(text, ", …");
}

void preview_print_mix(FILE *out, const struct preview_mix *mix)
{
    struct text text = {0};
    char took[48];

    if (mix->unknown) {
        terminal_note(out, COLOUR_NONE, "mix %s: its switches are not expected: %s.", mix->name,
                      mix->unknown);
        return;
    }
    terminal_duration(mix->took_s, took, sizeof took);
    text_printf(&text,
                "mix %s, followed through the bundle file's node: %zu of %s%zu calls (%.0f %%) "
                "wait for a load",
                mix->name, mix->paying, mix->cut ? "the first " : "", mix->calls,
                mix->calls > 0 ? 100 * (double)mix->paying / (double)mix->calls : 0);
    add_members(&text, mix);
    text_printf(&text, ". %zu load%s", mix->loads, mix->loads == 1 ? "" : "s");
    if (isfinite(mix->load_s))
        text_printf(&text, " take %.3g s, %.0f %% of %s", mix->load_s,
                    mix->took_s > 0 ? 100 * mix->load_s / mix->took_s : 0, took);
    text_printf(&text, "%s.", mix->guessed ? ", if each call takes as long as guessed below" : "");
    say(out, &text);
}
