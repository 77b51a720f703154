#include "report/page/page_qualification.h"

#include "report/measure_words.h"
#include "report/qualification_table.h"

enum { NAME = 512 };

static void add_qualification_line(struct writer *writer, const struct qualification_line *line)
{
    char text[NAME], value[QUALIFICATION_VALUE];

    writer_open(writer, NULL, '{');
    writer_add_text(writer, "verdict", qualification_verdict_words[line->verdict]);
    writer_add_truth(writer, "passes", qualification_passes(line->verdict));
    writer_add_text(writer, "row", qualification_row(line, text, sizeof text));
    writer_add_text(writer, "measure", line->measure);
    writer_add_text(writer, "label", measure_words(line->measure, text, sizeof text));
    writer_add_text(writer, "base", qualification_value(line->base.value, line->unit, value));
    writer_add_text(writer, "candidate",
                    qualification_value(line->candidate.value, line->unit, value));
    writer_add_text(writer, "change", qualification_change(line, value));
    writer_add_text(writer, "allowed", qualification_limits(line, text, sizeof text));
    writer_add_text(writer, "reason", line->reason);
    writer_close(writer, '}');
}

static void add_differences(struct writer *writer, const char *key,
                            const struct qualification_difference *difference, size_t count)
{
    writer_open(writer, key, '[');
    for (size_t i = 0; i < count; i++) {
        writer_open(writer, NULL, '[');
        writer_add_text(writer, NULL, difference[i].key);
        writer_add_text(writer, NULL, difference[i].base);
        writer_add_text(writer, NULL, difference[i].candidate);
        writer_close(writer, ']');
    }
    writer_close(writer, ']');
}

void page_qualification_add(struct writer *writer, const struct qualification *qualification)
{
    char counts[NAME];

    if (!qualification) {
        writer_add_null(writer, "qualification");
        return;
    }
    writer_open(writer, "qualification", '{');
    writer_add_truth(writer, "pass", qualification->pass);
    writer_add_text(writer, "counts", qualification_counts(qualification, counts, sizeof counts));
    writer_add_text(writer, "base", qualification->base);
    writer_add_text(writer, "candidate", qualification->candidate);
    writer_add_text(writer, "policy", qualification->policy);
    writer_add_text(writer, "caveat", qualification->by_requests ? qualification_caveat : "");
    writer_open(writer, "lines", '[');
    for (size_t i = 0; i < qualification->lines; i++)
        add_qualification_line(writer, &qualification->line[i]);
    writer_close(writer, ']');
    add_differences(writer, "differences", qualification->difference, qualification->differences);
    add_differences(writer, "server", qualification->server, qualification->servers);
    writer_close(writer, '}');
}
