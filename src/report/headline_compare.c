#include "report/headline_parts.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/unit.h"
#include "report/measure_words.h"
#include "report/qualification_table.h"

enum { NAME = 512, NAMED = 2, BARS_MOST = 16 };

/* --- The sentence ----------------------------------------------------------------------------- */

/* Lines that a reader is to see first. */
static bool is_worse(const struct qualification_line *line)
{
    return line->verdict == QUALIFICATION_REGRESSED || line->verdict == QUALIFICATION_OVER_LIMIT;
}

static void write_measure(const struct qualification_line *line, char *text, size_t size)
{
    char row[NAME], measure[128];

    measure_words(line->measure, measure, sizeof measure);
    qualification_row(line, row, sizeof row);
    snprintf(text, size, "%s of %s", measure, row);
}

/* "TTFT p50 of … is worse, 240 ms where it was 213 ms, +12.3 % (+10.1 to +14.5)" */
static void add_line(const struct qualification_line *line, struct text *text)
{
    char name[2 * NAME], base[QUALIFICATION_VALUE], candidate[QUALIFICATION_VALUE];
    char change[QUALIFICATION_VALUE];

    write_measure(line, name, sizeof name);
    text_printf(text, "%s is %s", name,
                line->verdict == QUALIFICATION_REGRESSED ? "worse" : "over its limit");
    if (isfinite(line->candidate.value))
        text_printf(text, ", %s where it was %s",
                    qualification_value(line->candidate.value, line->unit, candidate),
                    qualification_value(line->base.value, line->unit, base));
    if (*qualification_change(line, change))
        text_printf(text, ", %s", change);
}

/* Where nothing is worse: why the first line does not pass. */
static void add_reason(const struct qualification *qualification, struct text *text)
{
    const struct qualification_line *first = qualification->line; /* those that fail stand first */

    if (qualification->lines == 0 || qualification_passes(first->verdict))
        return;
    text_printf(text, ": %s", qualification_verdict_words[first->verdict]);
    if (*first->reason)
        text_printf(text, " (%s)", first->reason);
}

static void add_worse(const struct qualification *qualification, struct text *text)
{
    size_t worse = 0;

    for (size_t i = 0; i < qualification->lines; i++) {
        if (!is_worse(&qualification->line[i]) || worse++ >= NAMED)
            continue;
        text_add_string(text, worse > 1 ? "; " : ": ");
        add_line(&qualification->line[i], text);
    }
    if (worse > NAMED)
        text_printf(text, "; and %zu more", worse - NAMED);
    if (worse == 0 && !qualification->pass)
        add_reason(qualification, text);
}

static void add_sentence(const struct qualification *qualification, struct text *text)
{
    size_t passing = qualification_passing(qualification);
    char lines[UNIT_TEXT], counts[NAME];

    if (qualification->pass)
        text_printf(text, "PASS: %s", qualification_counts(qualification, counts, sizeof counts));
    else
        text_printf(text, "FAIL: %zu of %s %s not pass", qualification->lines - passing,
                    unit_count(qualification->lines, "line", NULL, lines),
                    qualification->lines - passing == 1 ? "does" : "do");
    add_worse(qualification, text);
}

/* --- The picture ------------------------------------------------------------------------------ */

static void add_bar(const struct qualification_line *line, struct headline *headline)
{
    char label[2 * NAME], change[QUALIFICATION_VALUE];
    struct headline_bar *bar;

    write_measure(line, label, sizeof label);
    bar = headline_add_bar(headline, label, qualification_change(line, change));
    bar->model = line->row ? line->row->model_name : NULL;
    bar->value = 100 * (line->change - 1);
    bar->low = 100 * (line->low - 1);
    bar->high = 100 * (line->high - 1);
}

/* Lines that compare by a ratio; those that do not pass stand first. */
static void add_bars(const struct qualification *qualification, struct headline *headline)
{
    headline->bar_title = "What changed, candidate beside baseline";
    headline->bar_axis = "Change";
    headline->bar_unit = "%";
    headline->bar_note = "Bar: change. Line: its interval.";
    for (size_t i = 0; i < qualification->lines && headline->bars < BARS_MOST; i++) {
        const struct qualification_line *line = &qualification->line[i];

        if (isfinite(line->change) && !line->by_difference)
            add_bar(line, headline);
    }
}

/* --- Tiles ------------------------------------------------------------------------------------ */

static void tile_verdict(const struct qualification *qualification, struct headline *headline)
{
    struct text text = {0};
    char counts[NAME];

    text_add_string(&text, qualification_counts(qualification, counts, sizeof counts));
    headline_add_tile(headline, "Lines", HEADLINE_VERDICT,
                      qualification->pass ? HEADLINE_GOOD : HEADLINE_BAD, &text);
}

static void tile_runs(const struct qualification *qualification, struct headline *headline)
{
    struct text text = {0};
    char base[UNIT_TEXT], candidate[UNIT_TEXT];

    text_printf(&text, "%s of the baseline, %s of the candidate%s",
                unit_count(qualification->base_runs, "run", NULL, base),
                unit_count(qualification->candidate_runs, "run", NULL, candidate),
                qualification->by_requests ? ": what differs between runs is not in it" : "");
    headline_add_tile(headline, "Runs", HEADLINE_VERDICT,
                      qualification->by_requests ? HEADLINE_NOTE : HEADLINE_NEUTRAL, &text);
}

static void tile_differences(const struct qualification *qualification, struct headline *headline)
{
    struct text text = {0};
    char things[UNIT_TEXT];
    size_t count = qualification->differences + qualification->servers;

    if (count == 0)
        return;
    text_printf(&text, "%s besides: %s%s",
                unit_count(count, "thing differs", "things differ", things),
                qualification->differences > 0 ? qualification->difference[0].key
                                               : qualification->server[0].key,
                count > 1 ? " and more" : "");
    headline_add_tile(headline, "Settings", HEADLINE_SETTINGS, HEADLINE_NOTE, &text);
}

void headline_compare(const struct qualification *qualification, struct headline *headline)
{
    struct text text = {0};

    add_sentence(qualification, &text);
    headline->tone = qualification->pass ? HEADLINE_GOOD : HEADLINE_BAD;
    headline->sentence = text_take(&text);
    headline->look =
        memory_text(qualification->pass ? "Look at how close lines come to their limits"
                                        : "Look at the lines that do not pass");
    add_bars(qualification, headline);
    tile_verdict(qualification, headline);
    tile_runs(qualification, headline);
    tile_differences(qualification, headline);
}
