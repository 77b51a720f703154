#include "report/qualification_table.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "report/terminal.h"

enum { NAME = 512 };

const char qualification_caveat[] =
    "A side of one run does not tell what differs between runs: its requests are taken for the "
    "unit, "
    "in blocks, so intervals are too narrow. Two runs of each side, better three, tell it.";

/* --- Words ------------------------------------------------------------------------------------ */

const char *qualification_value(double value, const char *unit, char text[QUALIFICATION_VALUE])
{
    if (isnan(value))
        snprintf(text, QUALIFICATION_VALUE, "–");
    else if (strcmp(unit, "share") == 0)
        snprintf(text, QUALIFICATION_VALUE, "%.3g %%", 100 * value);
    else
        snprintf(text, QUALIFICATION_VALUE, "%.4g%s%s", value, *unit ? " " : "", unit);
    return text;
}

static double percent(double ratio)
{
    return 100 * (ratio - 1);
}

const char *qualification_change(const struct qualification_line *line,
                                 char text[QUALIFICATION_VALUE])
{
    bool points = strcmp(line->unit, "share") == 0;
    double times = points ? 100 : 1;

    if (isnan(line->change))
        *text = '\0';
    else if (line->by_difference)
        snprintf(text, QUALIFICATION_VALUE, "%+.3g %s (%+.3g to %+.3g)", times * line->change,
                 points ? "points" : line->unit, times * line->low, times * line->high);
    else
        snprintf(text, QUALIFICATION_VALUE, "%+.1f %% (%+.1f to %+.1f)", percent(line->change),
                 percent(line->low), percent(line->high));
    return text;
}

const char *qualification_limits(const struct qualification_line *line, char *text, size_t size)
{
    char value[QUALIFICATION_VALUE];
    struct text words = {0};

    if (!isnan(line->margin))
        text_printf(&words, "at most %g %s worse", 100 * line->margin,
                    line->margin_in_points ? "points" : "%");
    if (!isnan(line->most))
        text_printf(&words, "%sat most %s", words.length > 0 ? ", " : "",
                    qualification_value(line->most, line->unit, value));
    if (!isnan(line->least))
        text_printf(&words, "%sat least %s", words.length > 0 ? ", " : "",
                    qualification_value(line->least, line->unit, value));
    snprintf(text, size, "%s", words.length > 0 ? words.bytes : "");
    text_clear(&words);
    return text;
}

const char *qualification_row(const struct qualification_line *line, char *text, size_t size)
{
    if (line->row)
        terminal_row(line->row, NAME / 2, text, size);
    else
        snprintf(text, size, "all rows");
    return text;
}

size_t qualification_passing(const struct qualification *qualification)
{
    size_t passing = 0;

    for (int i = 0; i < QUALIFICATION_VERDICTS; i++) {
        if (qualification_passes((enum qualification_verdict)i))
            passing += qualification->count[i];
    }
    return passing;
}

const char *qualification_counts(const struct qualification *qualification, char *text, size_t size)
{
    struct text words = {0};
    const char *before = ": ";

    text_printf(&words, "%zu of %zu lines pass", qualification_passing(qualification),
                qualification->lines);
    for (int i = 0; i < QUALIFICATION_VERDICTS; i++) {
        if (i == QUALIFICATION_PASS || qualification->count[i] == 0)
            continue;
        text_printf(&words, "%s%zu %s", before, qualification->count[i],
                    qualification_verdict_words[i]);
        before = ", ";
    }
    snprintf(text, size, "%s", words.bytes);
    text_clear(&words);
    return text;
}

/* --- The table -------------------------------------------------------------------------------- */

/* Whether two lines say the same of a row: that it cannot be looked at, and why. */
static bool say_the_same(const struct qualification_line *a, const struct qualification_line *b)
{
    return a->row == b->row && a->verdict == b->verdict && *a->reason &&
           isnan(a->candidate.value) && isnan(b->candidate.value) &&
           strcmp(a->reason, b->reason) == 0;
}

static void print_values(FILE *out, const struct qualification_line *line)
{
    char base[QUALIFICATION_VALUE], candidate[QUALIFICATION_VALUE], change[QUALIFICATION_VALUE];

    fprintf(out, "  %14s  %s → %s", "", qualification_value(line->base.value, line->unit, base),
            qualification_value(line->candidate.value, line->unit, candidate));
    if (*qualification_change(line, change))
        fprintf(out, ", %s", change);
    fputc('\n', out);
}

/* One line, or `count` that say the same of a row. */
static void print_line(FILE *out, const struct qualification_line *line, size_t count)
{
    char row[NAME];

    qualification_row(line, row, sizeof row);
    fprintf(out, "  %-14s  %s: ", qualification_verdict_words[line->verdict], row);
    if (count == 1)
        fprintf(out, "%s\n", line->measure);
    else
        fprintf(out, "all %zu of its lines\n", count);
    if (!isnan(line->candidate.value) || !isnan(line->base.value))
        print_values(out, line);
    if (*line->reason)
        fprintf(out, "  %14s  %s\n", "", line->reason);
}

static void print_lines(FILE *out, const struct qualification *qualification, bool passing,
                        const char *title)
{
    bool any = false;

    for (size_t i = 0, next; i < qualification->lines; i = next) {
        const struct qualification_line *line = &qualification->line[i];

        for (next = i + 1;
             next < qualification->lines && say_the_same(line, &qualification->line[next]);)
            next++;
        if (qualification_passes(line->verdict) != passing)
            continue;
        if (!any)
            fprintf(out, "\n%s\n", title);
        any = true;
        print_line(out, line, next - i);
    }
}

static void print_differences(FILE *out, const struct qualification *qualification)
{
    for (size_t i = 0; i < qualification->differences; i++) {
        const struct qualification_difference *one = &qualification->difference[i];

        if (i == 0)
            fprintf(out, "\nWhat else differs, baseline → candidate:\n");
        fprintf(out, "  %s: %s → %s\n", one->key, *one->base ? one->base : "–",
                *one->candidate ? one->candidate : "–");
    }
}

void qualification_table(FILE *out, const struct qualification *qualification)
{
    char counts[NAME];

    fprintf(out, "%s: %s\n", qualification->pass ? "PASS" : "FAIL",
            qualification_counts(qualification, counts, sizeof counts));
    fprintf(out, "baseline:  %s (%zu run%s)\ncandidate: %s (%zu run%s)\npolicy:    %s\n",
            qualification->base, qualification->base_runs, qualification->base_runs == 1 ? "" : "s",
            qualification->candidate, qualification->candidate_runs,
            qualification->candidate_runs == 1 ? "" : "s", qualification->policy);
    print_lines(out, qualification, false, "What does not pass:");
    print_lines(out, qualification, true, "What passes:");
    print_differences(out, qualification);
    if (qualification->by_requests)
        terminal_say(out, "%s", qualification_caveat);
}
