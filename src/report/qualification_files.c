#include "report/qualification_files.h"

#include <math.h>
#include <string.h>

#include "report/qualification_table.h"

enum { NAME = 512 };

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

static void add_line(struct text *text, const struct qualification_line *line)
{
    char row[NAME];

    text_add_string(text, "\n  {\"row\":");
    text_add_json(text, qualification_row(line, row, sizeof row));
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

void qualification_add_json(const struct qualification *qualification, struct text *text)
{
    text_add_string(text, "{\"schema\":\"coebench-qualification-1\"");
    add_text(text, "verdict", qualification->pass ? "pass" : "fail");
    add_text(text, "baseline", qualification->base);
    add_text(text, "candidate", qualification->candidate);
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
    for (size_t i = 0; i < qualification->differences; i++) {
        text_add_string(text, i > 0 ? ",\n  {\"key\":" : "\n  {\"key\":");
        text_add_json(text, qualification->difference[i].key);
        add_text(text, "base", qualification->difference[i].base);
        add_text(text, "candidate", qualification->difference[i].candidate);
        text_add_char(text, '}');
    }
    text_add_string(text, "]}\n");
}

/* --- JUnit ------------------------------------------------------------------------------------ */

/* Control characters are none of XML's (1.0, 2.2). */
static void add_xml(struct text *text, const char *value)
{
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c == '<')
            text_add_string(text, "&lt;");
        else if (*c == '>')
            text_add_string(text, "&gt;");
        else if (*c == '&')
            text_add_string(text, "&amp;");
        else if (*c == '"')
            text_add_string(text, "&quot;");
        else
            text_add_char(text, *c < 0x20 || *c == 0x7f ? '?' : (char)*c);
    }
}

static void add_case(struct text *text, const struct qualification_line *line)
{
    char row[NAME], limits[NAME], base[QUALIFICATION_VALUE], candidate[QUALIFICATION_VALUE];
    char change[QUALIFICATION_VALUE];
    bool passes = qualification_passes(line->verdict);

    text_add_string(text, "  <testcase classname=\"");
    add_xml(text, qualification_row(line, row, sizeof row));
    text_add_string(text, "\" name=\"");
    add_xml(text, line->measure);
    if (passes) {
        text_add_string(text, "\"/>\n");
        return;
    }
    text_add_string(text, "\">\n    <failure type=\"");
    add_xml(text, qualification_verdict_words[line->verdict]);
    text_add_string(text, "\" message=\"");
    add_xml(text, line->reason);
    text_add_string(text, "\">");
    add_xml(text, qualification_value(line->base.value, line->unit, base));
    text_add_string(text, " → ");
    add_xml(text, qualification_value(line->candidate.value, line->unit, candidate));
    text_add_char(text, ' ');
    add_xml(text, qualification_change(line, change));
    text_add_string(text, "; allowed: ");
    add_xml(text, qualification_limits(line, limits, sizeof limits));
    text_add_string(text, "</failure>\n  </testcase>\n");
}

void qualification_add_junit(const struct qualification *qualification, struct text *text)
{
    size_t good = qualification_passing(qualification);

    text_add_string(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"");
    add_xml(text, qualification->candidate);
    text_add_string(text, " against ");
    add_xml(text, qualification->base);
    text_printf(text, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", qualification->lines,
                qualification->lines - good);
    for (size_t i = 0; i < qualification->lines; i++)
        add_case(text, &qualification->line[i]);
    text_add_string(text, "</testsuite>\n");
}

/* --- Markdown --------------------------------------------------------------------------------- */

/* Signs that mean something are escaped, so that a text stays a text. */
static void add_plain(struct text *text, const char *value)
{
    for (; *value; value++) {
        if (strchr("\\`*_{}[]()#+!|<>&", *value))
            text_add_char(text, '\\');
        text_add_char(text, (unsigned char)*value < 0x20 ? ' ' : *value);
    }
}

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
            add_plain(text, cells[i]);
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

void qualification_add_markdown(const struct qualification *qualification, struct text *text)
{
    size_t good = qualification_passing(qualification);
    char counts[NAME];

    text_printf(text, "## Qualification: %s\n\n", qualification->pass ? "PASS" : "**FAIL**");
    text_printf(text, "%s.\n\nBaseline ",
                qualification_counts(qualification, counts, sizeof counts));
    add_plain(text, qualification->base);
    text_printf(text, " (runs: %zu), candidate ", qualification->base_runs);
    add_plain(text, qualification->candidate);
    text_printf(text, " (runs: %zu), policy ", qualification->candidate_runs);
    add_plain(text, qualification->policy);
    text_printf(text, " (SHA-256 %.12s…).\n\n", qualification->policy_sha256);
    if (good < qualification->lines)
        add_table(qualification, false, text);
    if (good > 0) {
        text_printf(text, "\n<details><summary>%zu that pass</summary>\n\n", good);
        add_table(qualification, true, text);
        text_add_string(text, "\n</details>\n");
    }
    if (qualification->by_requests)
        text_printf(text, "\n%s\n", qualification_caveat);
}
