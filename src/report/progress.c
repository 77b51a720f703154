#include "report/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/figures.h"
#include "report/terminal.h"
#include "report/width.h"

enum { MODEL_WIDTH = 36, LINE_MOST = 512, NARROW = 60, BAR_MOST = 40 };

void progress_init(struct progress *progress, FILE *out, size_t rows,
                   const struct progress_options *options)
{
    const char *terminal = getenv("TERM");
    bool able = isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;

    *progress = (struct progress){.lock = PTHREAD_MUTEX_INITIALIZER,
                                  .out = out,
                                  .live = able && !options->plain && !options->quiet,
                                  .quiet = options->quiet,
                                  .verbose = options->verbose,
                                  .rows = rows,
                                  .expected_s = options->expected_s};
    screen_init(&progress->screen, fileno(out));
}

void progress_clear(struct progress *progress)
{
    screen_clear(&progress->screen);
}

/* --- The block on the screen ----------------------------------------------------------------- */

/* Takes the block off. A terminal that became narrower has folded its lines: it stands on as many
 * rows of the screen as its lines fill now. */
static void erase(struct progress *progress, int columns)
{
    int rows = 0;

    for (int i = 0; i < progress->lines; i++)
        rows += progress->drawn[i] > 0 ? (progress->drawn[i] - 1) / columns + 1 : 1;
    if (rows > 1)
        fprintf(progress->screen.page, "\033[%dA", rows - 1);
    if (rows > 0)
        fputs("\r\033[J", progress->screen.page);
    progress->lines = 0;
}

/* Cut to what fits, so that the terminal folds nothing. */
static void put_line(struct progress *progress, const char *line, int columns)
{
    char shown[LINE_MOST];

    width_fit(line, columns - 1, shown, sizeof shown);
    fprintf(progress->screen.page, "%s%s", progress->lines ? "\n" : "", shown);
    progress->drawn[progress->lines++] = width_of(shown);
}

/* --- What is said ---------------------------------------------------------------------------- */

/* "3/8 Meta-Llama-3.3-70B-Instruct 1000→128 c=16" */
static void describe(const struct progress *progress, const struct row *row, size_t index,
                     char *text, size_t size)
{
    char name[LINE_MOST - 64];

    terminal_row(row, MODEL_WIDTH, name, sizeof name);
    snprintf(text, size, "%zu/%zu %s", index + 1, progress->rows, name);
}

/* Adds to a line, cut to fit. */
static void add(char *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char *line, const char *format, ...)
{
    size_t used = strlen(line);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line + used, LINE_MOST - used, format, arguments);
    va_end(arguments);
}

static void add_duration(char *line, const char *before, double seconds, const char *after)
{
    char text[48];

    terminal_duration(seconds, text, sizeof text);
    add(line, "%s%s%s", before, text, after);
}

static void add_bar(char *line, double share, int width)
{
    int full = (int)(share * width);

    for (int i = 0; i < width; i++)
        add(line, "%s", i < full ? "█" : "░");
}

static void add_errors(char *line, const struct progress_view *view)
{
    if (view->error_kinds == 0)
        add(line, ", none failed");
    for (size_t i = 0; i < view->error_kinds; i++)
        add(line, "%s%s × %zu", i ? ", " : ", failed: ", view->error[i].code, view->error[i].count);
}

/* Seconds left of a row by what is done of it; NAN before that says anything. */
static double row_left(const struct progress_view *view)
{
    double rest = (double)view->row->num_requests - (double)view->done;

    return view->done < 2 ? NAN : view->elapsed_s / (double)view->done * rest;
}

/* And of the run: the rows to come at their guessed times, scaled by how the guesses did so far. */
static double run_left(const struct progress *progress, const struct progress_view *view)
{
    double left = row_left(view);
    double guessed = progress->expected_before_s + progress->expected_s[view->index];
    double real = progress->took_before_s + view->elapsed_s + left;

    if (isnan(left))
        return NAN;
    for (size_t i = view->index + 1; i < progress->rows; i++)
        left += progress->expected_s[i] * (guessed > 0 ? real / guessed : 1);
    return left;
}

static void add_figures(char *line, const struct progress *progress,
                        const struct progress_view *view)
{
    if (!isnan(view->ttft_p50_s))
        add(line, "TTFT p50 %.3f s, p95 %.3f s; %.0f tokens/s", view->ttft_p50_s, view->ttft_p95_s,
            view->elapsed_s > 0 ? view->output_tokens / view->elapsed_s : 0);
    else
        add(line,
            view->chunks > 0 ? "first answers come in: %.0f chunks" : "waiting for a first token",
            view->chunks);
    if (isnan(row_left(view)))
        return;
    add_duration(line, "; left: row ", row_left(view), "");
    add_duration(line, ", run ", run_left(progress, view), "");
}

static double share_done(const struct progress_view *view)
{
    return (double)view->done / (double)view->row->num_requests;
}

static void draw_narrow(struct progress *progress, const struct progress_view *view, int columns)
{
    char line[LINE_MOST] = "";

    add(line, "%zu/%zu ", view->index + 1, progress->rows);
    add(line, "%zu/%lld", view->done, (long long)view->row->num_requests);
    if (view->error_kinds)
        add(line, " failed");
    if (!isnan(row_left(view)))
        add_duration(line, " left ", run_left(progress, view), "");
    put_line(progress, line, columns);
}

static void draw_wide(struct progress *progress, const struct progress_view *view, int columns)
{
    int width = columns / 2 < BAR_MOST ? columns / 2 : BAR_MOST;
    char line[LINE_MOST] = "";

    describe(progress, view->row, view->index, line, sizeof line);
    put_line(progress, line, columns);
    line[0] = '\0';
    add_bar(line, share_done(view), width);
    add(line, " %zu/%lld, %zu in flight", view->done, (long long)view->row->num_requests,
        view->in_flight);
    add_errors(line, view);
    put_line(progress, line, columns);
    line[0] = '\0';
    add_figures(line, progress, view);
    put_line(progress, line, columns);
}

static void add_switching(char *line, const struct switching *switching)
{
    if (switching->verdict == SWITCHING_FOUND)
        add(line, ", switch %.3f s", switching->time_s);
    else
        add(line, ", switch: %s", switching_verdict_words[switching->verdict]);
}

static void print_closing(struct progress *progress, const struct step *step)
{
    char line[LINE_MOST] = "";

    describe(progress, &step->row, step->index, line, sizeof line);
    add(line, ": %s, %zu/%lld", terminal_end(step), step->completed,
        (long long)step->row.num_requests);
    if (isfinite(step->wall_s))
        add_duration(line, " in ", step->wall_s, "");
    if (step->errors)
        add(line, ", %zu failed", step->errors);
    if (step->metric[METRIC_CLIENT_TTFT_S].count)
        add(line, ", TTFT p50 %.3f s", step->metric[METRIC_CLIENT_TTFT_S].quantile[2]);
    add_switching(line, &step->switching);
    fprintf(progress->screen.page, "%s\n", line);
}

/* Why requests failed, in the words of the first of each kind. */
static void print_reasons(struct progress *progress, const struct step *step)
{
    for (size_t i = 0; i < step->error_kinds; i++) {
        char sentence[LINE_MOST];

        width_fit(step->error[i].example, (int)sizeof step->error[i].example, sentence,
                  sizeof sentence);
        fprintf(progress->screen.page, "    %s × %zu: %s\n", step->error[i].code,
                step->error[i].count, sentence);
    }
}

/* --- What a run calls ------------------------------------------------------------------------ */

/* A terminal that was closed under us has no width any more. */
static int drawing_columns(const struct progress *progress)
{
    int columns = terminal_columns(progress->out);

    return columns > 0 ? columns : 80;
}

void progress_row_begins(struct progress *progress, const struct row *row, size_t index)
{
    char text[LINE_MOST];

    if (progress->quiet || progress->live)
        return;
    pthread_mutex_lock(&progress->lock);
    describe(progress, row, index, text, sizeof text);
    fprintf(progress->screen.page, "%s: %lld requests\n", text, (long long)row->num_requests);
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}

void progress_draw(struct progress *progress, const struct progress_view *view)
{
    int columns = drawing_columns(progress);

    if (!progress->live || !screen_is_idle(&progress->screen))
        return;
    erase(progress, columns);
    if (columns < NARROW)
        draw_narrow(progress, view, columns);
    else
        draw_wide(progress, view, columns);
    screen_show(&progress->screen);
}

void progress_say(struct progress *progress, const char *line)
{
    if (progress->quiet)
        return;
    pthread_mutex_lock(&progress->lock);
    erase(progress, drawing_columns(progress));
    if (!progress->live && isatty(fileno(progress->out)))
        fputc('\n', progress->screen.page); /* behind the "^C" that the terminal shows */
    fprintf(progress->screen.page, "%s\n", line);
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}

/* Even where only what is wrong is said. */
static bool is_wrong(const struct step *step)
{
    return step->errors > 0 || step->end != STEP_DONE || step->completed == 0 ||
           step->health.verdict == MEASUREMENT_INVALID;
}

void progress_row_ends(struct progress *progress, const struct step *step)
{
    if (progress->quiet && !is_wrong(step))
        return;
    pthread_mutex_lock(&progress->lock);
    erase(progress, drawing_columns(progress));
    progress->expected_before_s += progress->expected_s[step->index];
    progress->took_before_s += isfinite(step->wall_s) ? step->wall_s : 0;
    print_closing(progress, step);
    print_reasons(progress, step);
    if (progress->verbose)
        figures_print(progress->screen.page, step);
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}
