#include "report/terminal/terminal.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/clean.h"
#include "core/memory.h"
#include "core/unit.h"
#include "report/short_name.h"
#include "report/terminal/width.h"

enum { MIX_MOST = 24, MIX_TEXT = 256 };

void terminal_load(const struct row *row, char *text, size_t size)
{
    static const char *const short_names[] = {"const", "unif", "exp", "gamma", "trace"};
    int length;

    if (row->concurrent_requests)
        length = snprintf(text, size, "c=%lld", (long long)row->concurrent_requests);
    else if (row->qps_end > 0)
        length = snprintf(text, size, "%g→%g/s %s", row->qps, row->qps_end,
                          short_names[row->qps_distribution]);
    else if (row->qps == 0 && !row->trace)
        length = snprintf(text, size, "any load"); /* as a search has it, not one of its steps */
    else
        length = snprintf(text, size, row->trace ? "%.3g/s %s" : "%g/s %s", row->qps,
                          short_names[row->qps_distribution]);
    if (row_has_sessions(row) && length >= 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, " ×%lld turns", (long long)row->turns);
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
    char model[256], tokens[64], load[48], mix[MIX_TEXT] = "";

    if (row->mix)
        short_name(row->mix, MIX_MOST, mix, sizeof mix);
    short_name(row->model_name, model_width, model, sizeof model);
    terminal_tokens(row, tokens, sizeof tokens);
    terminal_load(row, load, sizeof load);
    snprintf(text, size, "%s %s %s%s%s%s%s", model, tokens, load,
             row->multimodal_img_size ? " image " : "", row_image_names[row->multimodal_img_size],
             row->mix ? " mix " : "", mix);
}

const char *terminal_requests(const struct row *row, char text[TERMINAL_REQUESTS])
{
    char requests[UNIT_TEXT] = "", time[64] = "", warm[48] = "", cool[48] = "";
    bool timed = row->duration_s > 0;

    if (row->num_requests > 0)
        unit_count((size_t)row->num_requests, "request", NULL, requests);
    if (timed)
        snprintf(time, sizeof time, "%g s%s", row->duration_s, *requests ? ", at most " : "");
    if (row->warmup_requests > 0)
        snprintf(warm, sizeof warm, ", %lld to warm up", (long long)row->warmup_requests);
    if (row->cooldown_requests > 0)
        snprintf(cool, sizeof cool, ", %lld to cool down", (long long)row->cooldown_requests);
    snprintf(text, TERMINAL_REQUESTS, "%s%s%s%s", time, requests, warm, cool);
    return text;
}

const char *terminal_done(const struct step *step, char text[TERMINAL_DONE])
{
    long long asked = step->row.duration_s > 0
                          ? (long long)step->started
                          : (long long)(step->row.num_requests * row_turns(&step->row));

    if (row_has_sessions(&step->row) && (step->row.dataset || step->row.trace)) /* which differ */
        asked = (long long)(step->started + step->turns_not_sent);

    snprintf(text, TERMINAL_DONE, "%zu/%lld", step->completed, asked);
    return text;
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

int terminal_columns(FILE *out)
{
    struct winsize size;

    if (!isatty(fileno(out)))
        return 0;
    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* Whether a word belongs to the number before it: no line begins with a unit. */
static bool is_unit(const char *word)
{
    static const char *const units[] = {"%",    "s",   "ms",       "min", "h", "GB",
                                        "GB/s", "MiB", "tokens/s", "±",   "×"};
    size_t length = strcspn(word, " ,;:.)");

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i]) == length && strncmp(word, units[i], length) == 0)
            return true;
    }
    return false;
}

/* How many bytes stand together: a word and what may not be parted from it. */
static size_t together(const char *text)
{
    size_t length = strcspn(text, " ");

    while (text[length] == ' ' && is_unit(text + length + 1))
        length += 1 + strcspn(text + length + 1, " ");
    return length;
}

void terminal_fold(FILE *out, int columns, const char *indent, const char *sentence)
{
    int hang = width_of(indent) > 2 ? width_of(indent) : 2, at = 0;
    char blanks[64];

    snprintf(blanks, sizeof blanks, "%*s", hang, "");
    if (columns == 0)
        fprintf(out, "%s%s", indent, sentence);
    for (const char *word = sentence; *word && columns > 0;) {
        size_t length = together(word);
        char text[256];
        int width;

        snprintf(text, sizeof text, "%.*s", (int)length, word);
        width = width_of(text);
        if (at > 0 && at + 1 + width >= columns) {
            fputc('\n', out);
            at = 0;
        }
        at += fprintf(out, "%s", at > 0 ? " " : indent) + width;
        indent = blanks;
        fwrite(word, 1, length, out);
        word += length;
        word += strspn(word, " ");
    }
}

__attribute__((format(printf, 4, 0))) static void
say(FILE *out, const char *indent, enum colour colour, const char *format, va_list arguments)
{
    char *sentence = memory_vprintf(format, arguments);
    bool able = colour_able(out);

    clean(sentence, strlen(sentence), CLEAN_LINES, '?');
    fputs(colour_begin(able, colour), out);
    terminal_fold(out, terminal_columns(out), indent, sentence);
    fprintf(out, "%s\n", colour_end(able, colour));
    free(sentence);
}

void terminal_say(FILE *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(out, "  ", COLOUR_NONE, format, arguments);
    va_end(arguments);
}

void terminal_note(FILE *out, enum colour colour, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(out, "", colour, format, arguments);
    va_end(arguments);
}

void terminal_study_end(FILE *out, const struct results *results)
{
    if (results_study_end(results))
        terminal_say(out, "stop_when: %s", results_study_end(results));
}
