#include "report/qualification_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/unit.h"
#include "report/terminal/terminal.h"

enum { NAME = 512 };

const char qualification_caveat[] =
    "One run of a side does not show what differs between runs: its requests are taken for the "
    "unit, in blocks, so intervals are too narrow. Two runs of each side, better three, show it.";

/* --- Words ------------------------------------------------------------------------------------ */

/* A limit is written as the policy has it. */
static const char *write_as_given(double value, const char *unit, char text[QUALIFICATION_VALUE])
{
    char figure[24], quantity[UNIT_TEXT];

    if (isnan(value))
        snprintf(text, QUALIFICATION_VALUE, "–");
    else if (strcmp(unit, "share") == 0)
        snprintf(text, QUALIFICATION_VALUE, "%.3g %%", 100 * value);
    else {
        snprintf(figure, sizeof figure, "%.4g", value);
        snprintf(text, QUALIFICATION_VALUE, "%s", unit_quantity(figure, unit, quantity));
    }
    return text;
}

const char *qualification_value(double value, const char *unit, char text[QUALIFICATION_VALUE])
{
    char time[UNIT_TEXT];

    if (!isnan(value) && strcmp(unit, "s") == 0)
        snprintf(text, QUALIFICATION_VALUE, "%s", unit_time(value, time));
    else
        write_as_given(value, unit, text);
    return text;
}

/* What a tenth does not show is none: "+0.0", never "-0.0". */
static double percent(double ratio)
{
    double change = 100 * (ratio - 1);

    return fabs(change) < 0.05 ? 0 : change;
}

/* "+20.0 ms (+10.0 ms to +30.0 ms)" */
static void write_time_change(const struct qualification_line *line, char text[QUALIFICATION_VALUE])
{
    const double value[] = {line->change, line->low, line->high};
    char time[3][UNIT_TEXT];

    for (int i = 0; i < 3; i++) {
        char number[UNIT_TEXT];

        snprintf(time[i], UNIT_TEXT, "%s%.13s", value[i] > 0 ? "+" : "",
                 unit_time(value[i], number));
    }
    snprintf(text, QUALIFICATION_VALUE, "%.13s (%.13s to %.13s)", time[0], time[1], time[2]);
}

const char *qualification_change(const struct qualification_line *line,
                                 char text[QUALIFICATION_VALUE])
{
    bool points = strcmp(line->unit, "share") == 0;
    double times = points ? 100 : 1;

    if (isnan(line->change))
        *text = '\0';
    else if (line->by_difference && strcmp(line->unit, "s") == 0)
        write_time_change(line, text);
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
                    write_as_given(line->most, line->unit, value));
    if (!isnan(line->least))
        text_printf(&words, "%sat least %s", words.length > 0 ? ", " : "",
                    write_as_given(line->least, line->unit, value));
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

    text_printf(&words, "%zu of %zu %s", qualification_passing(qualification), qualification->lines,
                qualification->lines == 1 ? "line passes" : "lines pass");
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

/* Beneath the verdicts' column. */
static const char beneath[] = "                  ";

__attribute__((format(printf, 3, 4))) static void print_folded(FILE *out, const char *indent,
                                                               const char *format, ...)
{
    char *sentence;
    va_list arguments;

    va_start(arguments, format);
    sentence = memory_vprintf(format, arguments);
    va_end(arguments);
    terminal_fold(out, terminal_columns(out), indent, sentence);
    fputc('\n', out);
    free(sentence);
}

static void print_values(FILE *out, const struct qualification_line *line)
{
    char base[QUALIFICATION_VALUE], candidate[QUALIFICATION_VALUE], change[QUALIFICATION_VALUE];

    qualification_change(line, change);
    print_folded(out, beneath, "%s → %s%s%s",
                 qualification_value(line->base.value, line->unit, base),
                 qualification_value(line->candidate.value, line->unit, candidate),
                 *change ? ", " : "", change);
}

/* One line, or `count` that say the same of a row. */
static void print_line(FILE *out, const struct qualification_line *line, size_t count)
{
    char row[NAME], indent[sizeof beneath];

    qualification_row(line, row, sizeof row);
    snprintf(indent, sizeof indent, "  %-14s  ", qualification_verdict_words[line->verdict]);
    if (count == 1)
        print_folded(out, indent, "%s: %s", row, line->measure);
    else
        print_folded(out, indent, "%s: all %zu of its lines", row, count);
    if (!isnan(line->candidate.value) || !isnan(line->base.value))
        print_values(out, line);
    if (*line->reason)
        print_folded(out, beneath, "%s", line->reason);
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

/* No gate: what it says of itself is not what it does. */
static void print_server(FILE *out, const struct qualification *qualification)
{
    for (size_t i = 0; i < qualification->servers; i++) {
        const struct qualification_difference *one = &qualification->server[i];
        char base[128], candidate[128];

        if (i == 0)
            fprintf(out, "\nWhat the server reports of itself, baseline → candidate:\n");
        text_copy_printable(one->base, strlen(one->base), base, sizeof base);
        text_copy_printable(one->candidate, strlen(one->candidate), candidate, sizeof candidate);
        fprintf(out, "  %s: %s → %s\n", one->key, base[0] ? base : "–",
                candidate[0] ? candidate : "–");
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
    print_server(out, qualification);
    if (qualification->by_requests)
        terminal_say(out, "%s", qualification_caveat);
}
