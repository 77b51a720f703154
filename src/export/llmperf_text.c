#include "export/llmperf_text.h"

#include <math.h>
#include <stdlib.h>

#include "report/terminal/terminal.h"
#include "store/frequency.h"
#include "store/name.h"

_Static_assert(METRIC_QUANTILES - LLMPERF_FIRST_QUANTILE == LLMPERF_QUANTILES,
               "LLMPerf has all quantiles from the 25th on");

void llmperf_text_add_number(struct text *text, double value, bool whole, const char *unknown)
{
    char *printed;

    if (!isfinite(value)) {
        text_add_string(text, unknown);
        return;
    }
    if (whole && value == floor(value)) {
        text_printf(text, "%.0f", value);
        return;
    }
    printed = name_python_float(value);
    text_add_string(text, printed);
    free(printed);
}

bool llmperf_text_is_whole(enum llmperf_metric metric)
{
    return metric == LLMPERF_INPUT_TOKENS || metric == LLMPERF_OUTPUT_TOKENS;
}

static void add_line(struct text *text, const char *name, double value, bool whole)
{
    text_printf(text, "    %s = ", name);
    llmperf_text_add_number(text, value, whole, "nan");
    text_add_char(text, '\n');
}

static void add_metric(struct text *text, enum llmperf_metric metric,
                       const struct metric_summary *summary)
{
    bool whole = llmperf_text_is_whole(metric), known = summary->count > 0;

    text_printf(text, "%s\n", llmperf_metric_names[metric]);
    for (int i = LLMPERF_FIRST_QUANTILE; i < METRIC_QUANTILES; i++) {
        char name[8];

        snprintf(name, sizeof name, "p%d", metric_percent[i]);
        add_line(text, name, known ? summary->quantile[i] : NAN, false);
    }
    add_line(text, "mean", known ? summary->mean : NAN, false);
    add_line(text, "min", known ? summary->least : NAN, whole);
    add_line(text, "max", known ? summary->most : NAN, whole);
    add_line(text, "stddev", known ? summary->stddev : NAN, false);
}

static void add_heading(const struct results *run, const struct step *step, struct text *text)
{
    const char *api = manifest_find(&run->manifest, "settings.llm_api");
    char load[64];

    text_printf(text, "Results for token benchmark for %s queried with the %s api.",
                step->row.model_name, api ? api : "openai");
    if (run->count > 1) {
        char tokens[64];

        terminal_tokens(&step->row, tokens, sizeof tokens);
        terminal_load(&step->row, load, sizeof load);
        text_printf(text, " (%s %s)", tokens, load);
    }
    text_add_string(text, "\n\n");
}

static void add_total(struct text *text, const char *name, double value)
{
    text_printf(text, "%s: ", name);
    llmperf_text_add_number(text, value, false, "nan");
    text_add_char(text, '\n');
}

void llmperf_text_add(const struct results *run, const struct llmperf_figures *figures,
                      struct text *text)
{
    const struct step *step = figures->step;

    add_heading(run, step, text);
    for (int i = 0; i < LLMPERF_METRICS; i++)
        add_metric(text, (enum llmperf_metric)i, &figures->metric[i]);
    text_printf(text, "Number Of Errored Requests: %zu\n", step->errors);
    if (step->errors > 0) {
        text_add_string(text, "Error Code Frequency\n");
        frequency_add_errors(step, text);
        text_add_char(text, '\n');
    }
    add_total(text, "Overall Output Throughput", step->client_total_output_throughput);
    text_printf(text, "Number Of Completed Requests: %zu\n", step->completed);
    add_total(text, "Completed Requests Per Minute", step->completed_per_min);
}

bool llmperf_text_add_run(const struct results *run, struct text *text, struct error *error)
{
    bool done = true;

    for (size_t i = 0; i < run->count && done; i++) {
        struct llmperf_figures figures;

        done = llmperf_figures_read(run, &run->step[i], &figures, error);
        if (done && i > 0)
            text_add_char(text, '\n');
        if (done)
            llmperf_text_add(run, &figures, text);
        llmperf_figures_clear(&figures);
    }
    return done;
}
