#include "report/terminal.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/memory.h"
#include "report/brief.h"
#include "report/flags.h"
#include "report/width.h"

/* FIXED: what the other columns take, with the blanks between all of them. */
enum { MODEL_LEAST = 12, FIXED = 4 + 1 + 2 + 1 + 1 + 8 + 8 + 9 + 8 };

static const char missing[] = "–";

void terminal_load(const struct row *row, char *text, size_t size)
{
    static const char *const short_names[] = {"const", "unif", "exp"};

    if (row->concurrent_requests)
        snprintf(text, size, "c=%lld", (long long)row->concurrent_requests);
    else
        snprintf(text, size, "%g/s %s", row->qps, short_names[row->qps_distribution]);
}

void terminal_tokens(const struct row *row, char *text, size_t size)
{
    if (row->dataset)
        snprintf(text, size, "data set");
    else
        snprintf(text, size, "%lld→%lld", (long long)row->input_tokens,
                 (long long)row->output_tokens);
}

void terminal_row(const struct row *row, int model_width, char *text, size_t size)
{
    char model[256], tokens[64], load[48];

    brief_name(row->model_name, model_width, model, sizeof model);
    terminal_tokens(row, tokens, sizeof tokens);
    terminal_load(row, load, sizeof load);
    snprintf(text, size, "%s %s %s%s%s", model, tokens, load,
             row->multimodal_img_size ? " image " : "", row_image_names[row->multimodal_img_size]);
}

const char *terminal_end(const struct step *step)
{
    if (step->end == STEP_DONE && step->started > 0 && step->completed == 0)
        return "failed";
    if (step->end == STEP_STOPPED)
        return "stopped early, since all failed";
    return step_end_words[step->end];
}

void terminal_duration(double seconds, char *text, size_t size)
{
    long whole = lround(fmin(isnan(seconds) ? 0 : seconds, 1e12));

    if (seconds < 10)
        snprintf(text, size, "%.1f s", seconds);
    else if (whole < 60)
        snprintf(text, size, "%ld s", whole);
    else if (whole < 3600)
        snprintf(text, size, "%ld min %02ld s", whole / 60, whole % 60);
    else
        snprintf(text, size, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
}

/* A cell right-aligned to `width` columns; UTF-8 counts by letters. */
static void print_right(FILE *out, const char *text, int width)
{
    fprintf(out, " %*s%s", width > width_of(text) ? width - width_of(text) : 0, "", text);
}

static void print_left(FILE *out, const char *text, int width)
{
    fprintf(out, " %s%*s", text, width > width_of(text) ? width - width_of(text) : 0, "");
}

static void print_number(FILE *out, double value, int decimals, int width)
{
    char text[64];

    if (isfinite(value))
        snprintf(text, sizeof text, "%.*f", decimals, value);
    else
        snprintf(text, sizeof text, "%s", missing);
    print_right(out, text, width);
}

static double median(const struct step *step, enum metric metric)
{
    return step->metric[metric].count ? step->metric[metric].quantile[2] : NAN;
}

static void print_switching(FILE *out, const struct switching *switching)
{
    char text[48];

    if (switching->verdict == SWITCHING_FOUND)
        snprintf(text, sizeof text, "%.3f s", switching->time_s);
    else if (switching->verdict == SWITCHING_NONE)
        snprintf(text, sizeof text, "none");
    else
        snprintf(text, sizeof text, "%s", missing);
    fprintf(out, " %s", text);
}

int terminal_columns(FILE *out)
{
    struct winsize size;

    if (!isatty(fileno(out)))
        return 0;
    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void print_folded(FILE *out, const char *sentence)
{
    int columns = terminal_columns(out), at = 0;

    for (const char *word = sentence; *word;) {
        size_t length = strcspn(word, " ");
        char text[256];
        int width;

        snprintf(text, sizeof text, "%.*s", (int)length, word);
        width = width_of(text);
        if (at > 0 && columns > 0 && at + 1 + width >= columns) {
            fputc('\n', out);
            at = 0;
        }
        at += fprintf(out, at > 0 ? " " : "  ") + width;
        fwrite(word, 1, length, out);
        word += length;
        word += strspn(word, " ");
    }
    fputc('\n', out);
}

void terminal_say(FILE *out, const char *format, ...)
{
    va_list arguments;
    char *sentence;

    va_start(arguments, format);
    sentence = memory_vprintf(format, arguments);
    va_end(arguments);
    print_folded(out, sentence);
    free(sentence);
}

static void write_tokens(const struct step *step, char *text, size_t size)
{
    char tokens[48];

    terminal_tokens(&step->row, tokens, sizeof tokens);
    snprintf(text, size, "%s%s", tokens, step->row.multimodal_img_size ? "+img" : "");
}

/* The table's columns that follow what stands in them. */
struct layout {
    int model, tokens, load, done;
};

static void write_done(const struct step *step, char *text, size_t size)
{
    snprintf(text, size, "%zu/%lld", step->completed, (long long)step->row.num_requests);
}

static void widen(int *width, const char *text)
{
    if (width_of(text) > *width)
        *width = width_of(text);
}

/* Names are cut where the terminal has no room for them, and nowhere else. */
static struct layout lay_out(FILE *out, const struct results *results)
{
    struct layout layout = {5, 6, 4, 4};
    int columns = terminal_columns(out), room;

    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];
        char text[64];

        widen(&layout.model, step->row.model_name);
        write_tokens(step, text, sizeof text);
        widen(&layout.tokens, text);
        terminal_load(&step->row, text, sizeof text);
        widen(&layout.load, text);
        write_done(step, text, sizeof text);
        widen(&layout.done, text);
    }
    room = columns - FIXED - layout.tokens - layout.load - layout.done;
    room = room < MODEL_LEAST ? MODEL_LEAST : room;
    if (columns > 0 && layout.model > room)
        layout.model = room;
    return layout;
}

static void print_step(FILE *out, const struct step *step, const struct layout *layout)
{
    char text[256];

    snprintf(text, sizeof text, "%zu", step->index + 1);
    print_right(out, text, 3);
    brief_name(step->row.model_name, layout->model, text, sizeof text);
    print_left(out, text, layout->model);
    write_tokens(step, text, sizeof text);
    print_right(out, text, layout->tokens + 1);
    terminal_load(&step->row, text, sizeof text);
    print_left(out, text, layout->load);
    write_done(step, text, sizeof text);
    print_right(out, text, layout->done);
    print_number(out, median(step, METRIC_CLIENT_TTFT_S), 3, 7);
    print_number(out, median(step, METRIC_CLIENT_OUTPUT_TOKEN_PER_S), 1, 7);
    print_number(out, step->client_total_output_throughput, 1, 8);
    print_switching(out, &step->switching);
    if (step->health.verdict == MEASUREMENT_INVALID)
        fputs("  INVALID", out);
    fputc('\n', out);
}

static void print_heading(FILE *out, const struct layout *layout)
{
    print_right(out, "#", 3);
    print_left(out, "model", layout->model);
    print_right(out, "tokens", layout->tokens + 1);
    print_left(out, "load", layout->load);
    print_right(out, "done", layout->done);
    print_right(out, "TTFT s", 7);
    print_right(out, "tok/s", 7);
    print_right(out, "tok/s Σ", 8);
    fputs(" switch\n", out);
}

/* What a line of the table is: a row, as long as each is visited once. */
static const char *line_word(const struct results *results)
{
    return results->repeats ? "step" : "row";
}

static void print_troubles(FILE *out, const struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        if (step->errors == 0 && step->end == STEP_DONE && !step->follows_cut_short)
            continue;
        fprintf(out, "%s %zu: %s", line_word(results), step->index + 1, terminal_end(step));
        if (step->follows_cut_short)
            fputs(", ran after a row that was cut short (the server may still have been busy)",
                  out);
        for (size_t k = 0; k < step->error_kinds; k++)
            fprintf(out, "%s %s × %zu", k ? "," : ", failed:", step->error[k].code,
                    step->error[k].count);
        fputc('\n', out);
    }
}

/* Why rows have no estimate, each reason once. */
static void print_unmeasured(FILE *out, const struct results *results)
{
    for (int verdict = SWITCHING_NONE + 1; switching_verdict_words[verdict]; verdict++) {
        bool first = true;

        for (size_t i = 0; i < results->count; i++) {
            if ((int)results->step[i].switching.verdict != verdict)
                continue;
            if (first)
                fprintf(out, "no switching time by the 3-sd rule (%s): %s %zu",
                        switching_verdict_words[verdict], line_word(results),
                        results->step[i].index + 1);
            else
                fprintf(out, ", %zu", results->step[i].index + 1);
            first = false;
        }
        if (!first)
            fputc('\n', out);
    }
}

/* Rows whose figures are not, or not only, the endpoint's. */
static void print_health(FILE *out, const struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        if (step->health.verdict != MEASUREMENT_VALID)
            fprintf(out, "%s %zu is %s: %s\n", line_word(results), step->index + 1,
                    measurement_verdict_words[step->health.verdict], step->health.reason);
    }
}

/* Rows of which the server got, or gave, something else than was asked. */
static void print_flags(FILE *out, const struct results *results)
{
    struct text clauses = {0};
    bool off = false;

    for (size_t i = 0; i < results->count; i++) {
        text_reset(&clauses);
        flags_add(&results->step[i], &clauses);
        if (clauses.length > 0)
            fprintf(out, "%s %zu: %s\n", line_word(results), results->step[i].index + 1,
                    clauses.bytes);
        off |= results->step[i].fidelity.prompts_off > 0;
    }
    if (off)
        fputs("coebench calibrate learns ahead of a run how long prompts have to be.\n", out);
    text_clear(&clauses);
}

void terminal_study_end(FILE *out, const struct results *results)
{
    if (results_study_end(results))
        terminal_say(out, "stop_when: %s", results_study_end(results));
}

void terminal_table(FILE *out, const struct results *results)
{
    struct layout layout = lay_out(out, results);

    print_heading(out, &layout);
    for (size_t i = 0; i < results->count; i++)
        print_step(out, &results->step[i], &layout);
    fputs("TTFT and tok/s are medians per request; tok/s Σ is the row's total.\n", out);
    print_unmeasured(out, results);
    print_troubles(out, results);
    print_flags(out, results);
    print_health(out, results);
    if (results->planned > results->count)
        fprintf(out, "%zu of %zu steps were not run: the run was stopped\n",
                results->planned - results->count, results->planned);
}
