#include "report/trace_figures.h"

#include <math.h>

#include "core/unit.h"
#include "report/short_name.h"
#include "report/terminal/sparkline.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"

enum { NAME_MOST = 40, NAME = 256, MODELS_SHOWN = 20 };

static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
static const char *const share_names[] = {"p5", "p25", "p50", "p75", "p95", "p99"};

enum { SHARES = sizeof shares / sizeof *shares };

static double mean_of(const struct token_counts *counts)
{
    return counts->count > 0 ? counts->sum / (double)counts->count : NAN;
}

/* --- For people ------------------------------------------------------------------------------- */

/* Gamma-distributed gaps of shape b vary by 1/√b of their mean. */
static void print_gaps(FILE *out, double variation)
{
    char gaps[UNIT_TEXT], shape[UNIT_TEXT];

    fprintf(out, "  gaps      vary by %s of their mean: burstiness %s\n",
            unit_number(variation, gaps), unit_number(1 / (variation * variation), shape));
}

static void print_rate(FILE *out, const struct census *census)
{
    struct sparkline line = {0};
    char blocks[SPARKLINE_TEXT], rate[UNIT_TEXT], peak[UNIT_TEXT], each[48];

    for (size_t i = 0; i < census->time.parts; i++)
        sparkline_add(&line, census_part_rate(census, i));
    if (!isfinite(census_rate(census)))
        return;
    terminal_duration(census->time.width_s * (double)(line.each ? line.each : 1), each,
                      sizeof each);
    fprintf(out, "  rate      %s per second, at most %s", unit_number(census_rate(census), rate),
            unit_number(census_peak_rate(census), peak));
    if (*sparkline_text(&line, blocks))
        fprintf(out, "  %s  %s each", blocks, each);
    fputc('\n', out);
    if (census_gap_variation(census) > 0)
        print_gaps(out, census_gap_variation(census));
    if (census->spread > 0)
        fprintf(out, "  spread    %s of one whole second over it\n",
                unit_count(census->spread, "request", NULL, rate));
}

static void print_lengths(FILE *out, const char *name, const struct token_counts *counts)
{
    fprintf(out, "  %-8s", name);
    for (int i = 0; i < SHARES; i++)
        fprintf(out, " %8.0f", token_counts_quantile(counts, shares[i]));
    fprintf(out, " %8.0f %8lld\n", mean_of(counts), (long long)counts->most);
}

static void print_tokens(FILE *out, const struct census *census)
{
    fprintf(out, "  %-8s", "tokens");
    for (int i = 0; i < SHARES; i++)
        fprintf(out, " %8s", share_names[i]);
    fprintf(out, " %8s %8s\n", "mean", "most");
    print_lengths(out, "input", &census->input);
    print_lengths(out, "output", &census->output);
}

static void print_models(FILE *out, const struct census *census)
{
    size_t shown = census->models < MODELS_SHOWN ? census->models : MODELS_SHOWN;

    for (size_t i = 0; i < shown; i++) {
        const struct census_model *model = &census->model[i];
        double requests = (double)model->requests;
        char name[NAME], share[UNIT_TEXT], count[UNIT_TEXT];

        short_name(model->name, NAME_MOST, name, sizeof name);
        fprintf(out, "  %-9s %s  %s (%s), %.0f→%.0f tokens on average\n", i == 0 ? "models" : "",
                name, unit_count(model->requests, "request", NULL, count),
                unit_share(requests / (double)census->requests, share),
                model->input_tokens / requests, model->output_tokens / requests);
    }
    if (shown < census->models)
        terminal_say(out, "          … and %zu more; --json lists all", census->models - shown);
    if (census->models == 0)
        fputs("  models    the format names none\n", out);
}

static void print_sessions(FILE *out, const struct census *census)
{
    char turns[UNIT_TEXT];

    if (census->in_sessions == 0)
        return;
    fprintf(out, "  sessions  %zu%s, %s turns each on average", census->sessions.count,
            census->sessions.full ? " or more" : "",
            unit_number((double)census->in_sessions / (double)census->sessions.count, turns));
    if (census->turns_most > 0)
        fprintf(out, ", at most %lld", (long long)census->turns_most);
    if (census->in_sessions < census->requests)
        fprintf(out, "; %s to none",
                unit_count(census->requests - census->in_sessions, "request belongs",
                           "requests belong", turns));
    fputc('\n', out);
}

static void print_blocks(FILE *out, const struct census *census)
{
    char share[UNIT_TEXT];

    if (census->blocks == 0)
        return;
    fprintf(out, "  reuse     %s%s of %zu blocks of %d tokens had come before\n",
            census->block.full ? "at least " : "",
            unit_share((double)census->blocks_seen / (double)census->blocks, share), census->blocks,
            TRACE_BLOCK_TOKENS);
}

static void print_left_out(FILE *out, const struct census *census)
{
    const struct trace_left_out *left = &census->left_out;
    const struct {
        size_t count;
        const char *why;
    } kinds[] = {{left->failed, "without output, such as requests that failed there"},
                 {left->empty, "without input"},
                 {left->before, "before the window"}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char lines[UNIT_TEXT];

        if (kinds[i].count > 0)
            fprintf(out, "  left out  %s %s\n", unit_count(kinds[i].count, "line", NULL, lines),
                    kinds[i].why);
    }
}

void trace_figures_print(FILE *out, const char *path, const struct census *census)
{
    char name[NAME], requests[UNIT_TEXT], span[48];

    width_fit(path, NAME_MOST, name, sizeof name);
    terminal_duration(census_span_s(census), span, sizeof span);
    fprintf(out, "%s: %s format, %s over %s\n", name, census->format,
            unit_count(census->requests, "request", NULL, requests), span);
    print_rate(out, census);
    print_tokens(out, census);
    print_models(out, census);
    print_sessions(out, census);
    print_blocks(out, census);
    print_left_out(out, census);
}

/* --- For programs ----------------------------------------------------------------------------- */

static void add_number(struct text *json, const char *key, double number)
{
    text_printf(json, "\"%s\":", key);
    text_add_number(json, number);
    text_add_char(json, ',');
}

/* Writes `last` over the comma behind the last member. */
static void end_with(struct text *json, char last)
{
    if (json->bytes[json->length - 1] == ',')
        json->bytes[json->length - 1] = last;
    else
        text_add_char(json, last);
}

static void add_lengths(struct text *json, const char *key, const struct token_counts *counts)
{
    text_printf(json, "\"%s\":{", key);
    for (int i = 0; i < SHARES; i++)
        add_number(json, share_names[i], token_counts_quantile(counts, shares[i]));
    add_number(json, "mean", mean_of(counts));
    add_number(json, "min", (double)counts->least);
    add_number(json, "max", (double)counts->most);
    end_with(json, '}');
    text_add_char(json, ',');
}

static void add_rate(struct text *json, const struct census *census)
{
    add_number(json, "span_s", census_span_s(census));
    add_number(json, "requests_per_s", census_rate(census));
    add_number(json, "peak_requests_per_s", census_peak_rate(census));
    add_number(json, "gap_variation", census_gap_variation(census));
    add_number(json, "spread_requests", (double)census->spread);
    add_number(json, "part_s", census->time.width_s);
    text_add_string(json, "\"requests_by_part\":[");
    for (size_t i = 0; i < census->time.parts; i++)
        text_printf(json, "%zu,", census->time.requests[i]);
    end_with(json, ']');
    text_add_char(json, ',');
}

static void add_models(struct text *json, const struct census *census)
{
    text_add_string(json, "\"models\":[");
    for (size_t i = 0; i < census->models; i++) {
        const struct census_model *model = &census->model[i];

        text_add_string(json, "{\"name\":");
        text_add_json(json, model->name);
        text_add_char(json, ',');
        add_number(json, "requests", (double)model->requests);
        add_number(json, "input_tokens", model->input_tokens);
        add_number(json, "output_tokens", model->output_tokens);
        end_with(json, '}');
        text_add_char(json, ',');
    }
    end_with(json, ']');
    text_add_char(json, ',');
}

static double or_null(bool known, size_t count)
{
    return known ? (double)count : NAN;
}

static void add_sharing(struct text *json, const struct census *census)
{
    bool sessions = census->in_sessions > 0 && !census->sessions.full;

    add_number(json, "sessions", or_null(sessions, census->sessions.count));
    add_number(json, "requests_in_sessions", (double)census->in_sessions);
    add_number(json, "most_turns", or_null(census->turns_most > 0, (size_t)census->turns_most));
    add_number(json, "blocks", or_null(census->blocks > 0, census->blocks));
    add_number(json, "blocks_seen_before",
               or_null(census->blocks > 0 && !census->block.full, census->blocks_seen));
}

void trace_figures_add_json(struct text *json, const char *path, const struct census *census)
{
    text_add_string(json, "{\"file\":");
    text_add_json(json, path);
    text_printf(json, ",\"format\":\"%s\",", census->format);
    add_number(json, "requests", (double)census->requests);
    add_rate(json, census);
    add_lengths(json, "input_tokens", &census->input);
    add_lengths(json, "output_tokens", &census->output);
    add_models(json, census);
    add_sharing(json, census);
    add_number(json, "left_out_without_output", (double)census->left_out.failed);
    add_number(json, "left_out_without_input", (double)census->left_out.empty);
    add_number(json, "left_out_before", (double)census->left_out.before);
    end_with(json, '}');
    text_add_char(json, '\n');
}
