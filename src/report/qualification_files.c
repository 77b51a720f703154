#include "report/qualification_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clean.h"
#include "core/clock.h"
#include "record/row_key.h"
#include "report/headline.h"
#include "report/qualification_table.h"

enum { NAME = 512, QUALIFICATION_REPORTED = 256 };

/* --- JSON ------------------------------------------------------------------------------------- */

static void add_member(struct text *text, const char *key)
{
    text_add_char(text, ',');
    text_add_json(text, key);
    text_add_char(text, ':');
}

static void add_number(struct text *text, const char *key, double value)
{
    add_member(text, key);
    if (isfinite(value))
        text_printf(text, "%.17g", value);
    else
        text_add_string(text, "null");
}

static void add_text(struct text *text, const char *key, const char *value)
{
    add_member(text, key);
    text_add_json(text, value);
}

/* A change with its interval, or nulls where it is the other kind. */
static void add_change(struct text *text, const char *key, const struct qualification_line *line,
                       bool is)
{
    char ends[2][32];

    snprintf(ends[0], sizeof ends[0], "%s_low", key);
    snprintf(ends[1], sizeof ends[1], "%s_high", key);
    add_number(text, key, is ? line->change : NAN);
    add_number(text, ends[0], is ? line->low : NAN);
    add_number(text, ends[1], is ? line->high : NAN);
}

/* Null of a line about all rows. */
static void add_row_key(struct text *text, const struct row *row)
{
    char *key = row ? row_key(row) : NULL;

    add_member(text, "row_key");
    if (key)
        text_add_json(text, key);
    else
        text_add_string(text, "null");
    free(key);
}

static void add_line(struct text *text, const struct qualification_line *line)
{
    char row[NAME];

    text_add_string(text, "\n  {\"row\":");
    text_add_json(text, qualification_row(line, row, sizeof row));
    add_row_key(text, line->row);
    add_text(text, "measure", line->measure);
    add_text(text, "unit", line->unit);
    add_text(text, "verdict", qualification_verdict_words[line->verdict]);
    add_text(text, "reason", line->reason);
    add_number(text, "base", line->base.value);
    add_number(text, "candidate", line->candidate.value);
    add_change(text, "ratio", line, !line->by_difference);
    add_change(text, "difference", line, line->by_difference);
    add_number(text, "p_adjusted", line->p_adjusted);
    add_number(text, "margin", line->margin);
    add_number(text, "min", line->least);
    add_number(text, "max", line->most);
    add_number(text, "base_runs", (double)line->base.runs);
    add_number(text, "base_requests", (double)line->base.requests);
    add_number(text, "candidate_runs", (double)line->candidate.runs);
    add_number(text, "candidate_requests", (double)line->candidate.requests);
    text_add_char(text, '}');
}

static void add_differences(struct text *text, const struct qualification_difference *difference,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_add_string(text, i > 0 ? ",\n  {\"key\":" : "\n  {\"key\":");
        text_add_json(text, difference[i].key);
        add_text(text, "base", difference[i].base);
        add_text(text, "candidate", difference[i].candidate);
        text_add_char(text, '}');
    }
}

static void add_runs(struct text *text, const char *key, const struct qualification_run *run,
                     size_t count)
{
    add_member(text, key);
    for (size_t i = 0; i < count && run; i++) {
        text_add_string(text, i > 0 ? ",{\"name\":" : "[{\"name\":");
        text_add_json(text, run[i].name);
        add_member(text, "started_utc");
        if (run[i].started_utc)
            text_add_json(text, run[i].started_utc);
        else
            text_add_string(text, "null");
        text_add_char(text, '}');
    }
    text_add_string(text, count > 0 && run ? "]" : "[]");
}

void qualification_add_json(const struct qualification *qualification, struct text *text)
{
    text_add_string(text, "{\"schema\":\"coebench-qualification-1\"");
    add_text(text, "verdict", qualification->pass ? "pass" : "fail");
    add_text(text, "baseline", qualification->base);
    add_text(text, "candidate", qualification->candidate);
    add_runs(text, "baseline_runs", qualification->base_run, qualification->base_runs);
    add_runs(text, "candidate_runs", qualification->candidate_run, qualification->candidate_runs);
    add_text(text, "policy", qualification->policy);
    add_text(text, "policy_sha256", qualification->policy_sha256);
    add_number(text, "confidence", qualification->confidence);
    text_printf(text, ",\"unit\":\"%s\",\"lines\":[",
                qualification->by_requests ? "requests" : "runs");
    for (size_t i = 0; i < qualification->lines; i++) {
        text_add_string(text, i > 0 ? "," : "");
        add_line(text, &qualification->line[i]);
    }
    text_add_string(text, "],\"differences\":[");
    add_differences(text, qualification->difference, qualification->differences);
    text_add_string(text, "],\"server_differences\":[");
    add_differences(text, qualification->server, qualification->servers);
    text_add_string(text, "]}\n");
}

/* --- JUnit ------------------------------------------------------------------------------------ */

/* Every text of the XML goes through here. A line's end in an attribute would be read as a blank.
 */
static void add_xml(struct text *text, const char *value)
{
    char *cleaned = clean_copy(value, CLEAN_LINE);

    clean(cleaned, strlen(cleaned), CLEAN_XML, '?');
    for (const char *c = cleaned; *c; c++) {
        if (*c == '<')
            text_add_string(text, "&lt;");
        else if (*c == '>')
            text_add_string(text, "&gt;");
        else if (*c == '&')
            text_add_string(text, "&amp;");
        else if (*c == '"')
            text_add_string(text, "&quot;");
        else
            text_add_char(text, *c);
    }
    free(cleaned);
}

/* Readers of JUnit take what stands before a dot for a package, so names have dashes instead, as
 * those of files do. */
static void add_class(struct text *text, const struct qualification_line *line)
{
    char row[NAME];

    qualification_row(line, row, sizeof row);
    for (char *c = row; *c; c++)
        *c = *c == '.' ? '-' : *c;
    add_xml(text, row);
}

/* Why, and where there are any, the values and what the policy allows. */
static void add_failure(struct text *text, const struct qualification_line *line)
{
    char limits[NAME], base[QUALIFICATION_VALUE], candidate[QUALIFICATION_VALUE];
    char change[QUALIFICATION_VALUE];

    add_xml(text, line->reason);
    if (!isnan(line->base.value) || !isnan(line->candidate.value)) {
        text_add_string(text, "; ");
        add_xml(text, qualification_value(line->base.value, line->unit, base));
        text_add_string(text, " → ");
        add_xml(text, qualification_value(line->candidate.value, line->unit, candidate));
        text_add_string(text, *qualification_change(line, change) ? ", " : "");
        add_xml(text, change);
    }
    if (*qualification_limits(line, limits, sizeof limits)) {
        text_add_string(text, "; allowed: ");
        add_xml(text, limits);
    }
}

static void add_case(struct text *text, const struct qualification_line *line)
{
    text_add_string(text, "  <testcase classname=\"");
    add_class(text, line);
    text_add_string(text, "\" name=\"");
    add_xml(text, line->measure);
    text_printf(text, "\" time=\"%.3f\"", line->wall_s);
    if (qualification_passes(line->verdict)) {
        text_add_string(text, "/>\n");
        return;
    }
    text_add_string(text, ">\n    <failure type=\"");
    add_xml(text, qualification_verdict_words[line->verdict]);
    text_add_string(text, "\" message=\"");
    add_xml(text, line->reason);
    text_add_string(text, "\">");
    add_failure(text, line);
    text_add_string(text, "</failure>\n  </testcase>\n");
}

static void add_property(struct text *text, const char *name, const char *value)
{
    text_printf(text, "    <property name=\"%s\" value=\"", name);
    add_xml(text, value);
    text_add_string(text, "\"/>\n");
}

static void add_count(struct text *text, const char *name, size_t count)
{
    text_printf(text, "    <property name=\"%s\" value=\"%zu\"/>\n", name, count);
}

static void add_properties(struct text *text, const struct qualification *qualification)
{
    text_add_string(text, "  <properties>\n");
    add_property(text, "verdict", qualification->pass ? "pass" : "fail");
    add_property(text, "baseline", qualification->base);
    add_count(text, "baseline_runs", qualification->base_runs);
    add_property(text, "candidate", qualification->candidate);
    add_count(text, "candidate_runs", qualification->candidate_runs);
    add_property(text, "policy", qualification->policy);
    add_property(text, "policy_sha256", qualification->policy_sha256);
    text_printf(text, "    <property name=\"confidence\" value=\"%g\"/>\n",
                qualification->confidence);
    add_property(text, "unit", qualification->by_requests ? "requests" : "runs");
    text_add_string(text, "  </properties>\n");
}

/* Where and when the candidate was measured, and for how long; moments are UTC, without saying so,
 * as the schema has them. */
static void add_circumstances(struct text *text, const struct qualification *qualification)
{
    char moment[CLOCK_TEXT];
    double wall_s = 0;

    for (size_t i = 0; i < qualification->lines; i++)
        wall_s += qualification->line[i].wall_s;
    clock_format_utc(qualification->started_s * CLOCK_NS_PER_S, moment);
    text_printf(text, " timestamp=\"%.19s\" hostname=\"", moment);
    add_xml(text, qualification->host ? qualification->host : "unknown");
    text_printf(text, "\" time=\"%.3f\"", wall_s);
}

void qualification_add_junit(const struct qualification *qualification, struct text *text)
{
    size_t good = qualification_passing(qualification);

    text_add_string(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"");
    add_xml(text, qualification->candidate);
    text_add_string(text, " against ");
    add_xml(text, qualification->base);
    text_printf(text, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\"",
                qualification->lines, qualification->lines - good);
    add_circumstances(text, qualification);
    text_add_string(text, ">\n");
    add_properties(text, qualification);
    for (size_t i = 0; i < qualification->lines; i++)
        add_case(text, &qualification->line[i]);
    text_add_string(text, "</testsuite>\n");
}

/* --- Markdown --------------------------------------------------------------------------------- */

static void add_row(struct text *text, const struct qualification_line *line)
{
    char row[NAME], limits[NAME], base[QUALIFICATION_VALUE], candidate[QUALIFICATION_VALUE];
    char change[QUALIFICATION_VALUE];
    const char *cells[] = {qualification_verdict_words[line->verdict],
                           qualification_row(line, row, sizeof row),
                           line->measure,
                           qualification_value(line->base.value, line->unit, base),
                           qualification_value(line->candidate.value, line->unit, candidate),
                           qualification_change(line, change),
                           qualification_limits(line, limits, sizeof limits),
                           line->reason};

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        text_add_string(text, i > 0 ? " | " : "| ");
        if (i == 0 && !qualification_passes(line->verdict))
            text_printf(text, "**%s**", cells[i]);
        else
            text_add_markdown(text, cells[i]);
    }
    text_add_string(text, " |\n");
}

static void add_table(const struct qualification *qualification, bool passing, struct text *text)
{
    text_add_string(text,
                    "| verdict | row | measure | baseline | candidate | change | allowed | |\n"
                    "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < qualification->lines; i++) {
        if (qualification_passes(qualification->line[i].verdict) == passing)
            add_row(text, &qualification->line[i]);
    }
}

/* A server may say a whole list of models. */
static void add_cut(struct text *text, const char *value)
{
    char cut[QUALIFICATION_REPORTED];

    text_copy_printable(value, strlen(value), cut, sizeof cut);
    text_add_markdown(text, *cut ? cut : "–");
}

static void add_difference_lines(struct text *text, const char *title,
                                 const struct qualification_difference *difference, size_t count)
{
    if (count > 0)
        text_printf(text, "\n%s, baseline → candidate:\n\n", title);
    for (size_t i = 0; i < count; i++) {
        text_add_string(text, "- ");
        text_add_markdown(text, difference[i].key);
        text_add_string(text, ": ");
        add_cut(text, difference[i].base);
        text_add_string(text, " → ");
        add_cut(text, difference[i].candidate);
        text_add_char(text, '\n');
    }
}

/* The same as terminal, page and workbook open with. */
static void add_sentence(const struct qualification *qualification, struct text *text)
{
    struct headline headline;

    headline_of_qualification(qualification, &headline);
    text_add_string(text, "**");
    text_add_markdown(text, headline.sentence);
    text_add_string(text, ".**\n\n");
    headline_clear(&headline);
}

void qualification_add_markdown(const struct qualification *qualification, struct text *text)
{
    size_t good = qualification_passing(qualification);
    char counts[NAME];

    text_printf(text, "## Qualification: %s\n\n", qualification->pass ? "PASS" : "**FAIL**");
    add_sentence(qualification, text);
    text_printf(text, "%s.\n\nBaseline ",
                qualification_counts(qualification, counts, sizeof counts));
    text_add_markdown(text, qualification->base);
    text_printf(text, " (runs: %zu), candidate ", qualification->base_runs);
    text_add_markdown(text, qualification->candidate);
    text_printf(text, " (runs: %zu), policy ", qualification->candidate_runs);
    text_add_markdown(text, qualification->policy);
    text_printf(text, " (SHA-256 %.12s…).\n\n", qualification->policy_sha256);
    if (good < qualification->lines)
        add_table(qualification, false, text);
    if (good > 0) {
        text_printf(text, "\n<details><summary>%zu that pass</summary>\n\n", good);
        add_table(qualification, true, text);
        text_add_string(text, "\n</details>\n");
    }
    add_difference_lines(text, "What else differs", qualification->difference,
                         qualification->differences);
    add_difference_lines(text, "What the server reports of itself", qualification->server,
                         qualification->servers);
    if (qualification->by_requests)
        text_printf(text, "\n%s\n", qualification_caveat);
}
