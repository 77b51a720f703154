#include "report/report_markdown.h"

#include "core/unit.h"
#include "report/headline.h"
#include "report/terminal/terminal.h"

static void add_step(struct text *text, const struct step *step)
{
    char name[256], value[UNIT_TEXT];

    text_printf(text, "| %zu | ", step->index + 1);
    terminal_row(&step->row, 120, name, sizeof name);
    text_add_markdown(text, name);
    text_printf(text, " | %zu of %zu", step->completed, step->started);
    text_printf(text, " | %s", unit_time(step_median(step, METRIC_CLIENT_TTFT_S), value));
    text_printf(text, " | %s",
                unit_time(step_median(step, METRIC_CLIENT_END_TO_END_LATENCY_S), value));
    text_printf(text, " | %s",
                unit_number(step_median(step, METRIC_CLIENT_OUTPUT_TOKEN_PER_S), value));
    text_printf(text, " | %s |\n", unit_number(step->client_total_output_throughput, value));
}

static void add_steps(struct text *text, const struct report *report)
{
    text_add_string(text, "\n| # | row | completed | TTFT p50 | latency p50 | tokens/s a request "
                          "| tokens/s in all |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++)
            add_step(text, &report->run[i].step[k]);
    }
}

void report_add_markdown(const struct report *report, struct text *text)
{
    struct headline headline;

    headline_make(report, &headline);
    headline_add_markdown(&headline, text);
    if (headline.look) {
        text_add_char(text, '\n');
        text_add_markdown(text, headline.look);
        text_add_string(text, ".\n");
    }
    if (headline.kind != HEADLINE_STUDY)
        add_steps(text, report);
    headline_clear(&headline);
}
