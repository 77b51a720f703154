#include "report/terminal/progress.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/unit.h"
#include "report/terminal/figures.h"
#include "report/terminal/progress_line.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"

static const double sample_s = 0.5;

enum { MODEL_WIDTH = 36, NARROW = 60, BAR_MOST = 40 };

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
    progress->colour = progress->live && colour_able(out);
    /* All figures of each row are asked for: then each has its line. */
    passes_init(&progress->passes, options->verbose ? NULL : options->order);
    screen_init(&progress->screen, fileno(out));
}

/* A terminal that was closed under us has no width any more. */
static int drawing_columns(const struct progress *progress)
{
    int columns = terminal_columns(progress->out);

    return columns > 0 ? columns : 80;
}

/* --- The block on the screen ------------------------------------------------------------------ */

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
static void put_line(struct progress *progress, const char *line, int columns, enum colour colour)
{
    char shown[LINE_TEXT];

    width_fit(line, columns - 1, shown, sizeof shown);
    fprintf(progress->screen.page, "%s%s%s%s", progress->lines ? "\n" : "",
            colour_begin(progress->colour, colour), shown, colour_end(progress->colour, colour));
    progress->drawn[progress->lines++] = width_of(shown);
}

/* A line that stays, in as many as a live terminal asks for. */
static void put_lasting(struct progress *progress, const char *line)
{
    terminal_fold(progress->screen.page, progress->live ? drawing_columns(progress) : 0, "", line);
    fputc('\n', progress->screen.page);
}

/* --- What is sent ----------------------------------------------------------------------------- */

/* "3/8 Meta-Llama-3.3-70B-Instruct 1000→128 c=16" */
static void describe(const struct progress *progress, const struct row *row, size_t index,
                     char *text, size_t size)
{
    char name[LINE_TEXT - 64], of[24] = "";

    terminal_row(row, MODEL_WIDTH, name, sizeof name);
    if (progress->rows > 0)
        snprintf(of, sizeof of, "/%zu", progress->rows);
    snprintf(text, size, "%zu%s %s", index + 1, of, name);
}

static void add_errors(char *line, const struct progress_view *view)
{
    if (view->error_kinds == 0)
        line_add(line, ", none failed");
    for (size_t i = 0; i < view->error_kinds; i++)
        line_add(line, "%s%s × %zu", i ? ", " : ", failed: ", view->error[i].code,
                 view->error[i].count);
}

/* And of the run: the rows to come at their guessed times, scaled by how the guesses did so far. */
static double run_left(const struct progress *progress, const struct progress_view *view)
{
    double left = line_left_s(view);
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
    char p50[UNIT_TEXT], p95[UNIT_TEXT];

    if (!isnan(view->ttft_p50_s))
        line_add(line, "TTFT p50 %s, p95 %s; %.0f tokens/s", unit_time(view->ttft_p50_s, p50),
                 unit_time(view->ttft_p95_s, p95),
                 view->elapsed_s > 0 ? view->output_tokens / view->elapsed_s : 0);
    else if (view->chunks > 0)
        line_add(line, "first responses arrive: %s",
                 unit_count((size_t)view->chunks, "chunk", NULL, p50));
    else
        line_add(line, "waiting for a first token");
    if (isnan(line_left_s(view)))
        return;
    line_add_duration(line, "; left: row ", line_left_s(view), "");
    line_add_duration(line, ", run ", run_left(progress, view), "");
}

static void draw_narrow(struct progress *progress, const struct progress_view *view, int columns)
{
    char line[LINE_TEXT] = "";

    line_add(line, progress->rows > 0 ? "%zu/%zu " : "%zu ", view->index + 1, progress->rows);
    line_add_done(line, view);
    if (view->error_kinds)
        line_add(line, " failed");
    if (!isnan(line_left_s(view)))
        line_add_duration(line, " left ", run_left(progress, view), "");
    put_line(progress, line, columns, view->error_kinds ? COLOUR_BAD : COLOUR_NONE);
}

/* "TTFT ▁▃▅▂  requests/s ▃▅▇▇ 12.4", once there is something to compare. */
static void draw_history(struct progress *progress, int columns)
{
    char line[LINE_TEXT] = "", text[SPARKLINE_TEXT], number[UNIT_TEXT];
    const struct sparkline *rate = &progress->rate;

    if (*sparkline_text(&progress->ttft, text))
        line_add(line, "TTFT %s", text);
    if (*sparkline_text(rate, text))
        line_add(line, "%srequests/s %s %s", *line ? "  " : "", text,
                 unit_number(rate->value[rate->count - 1], number));
    if (*line)
        put_line(progress, line, columns, COLOUR_DIM);
}

/* Twice a second. */
static void sample(struct progress *progress, const struct progress_view *view)
{
    double since = view->elapsed_s - progress->sampled_s;

    if (progress->sampled != view->row || since < 0) {
        progress->ttft = progress->rate = (struct sparkline){0};
        progress->sampled = view->row;
        progress->sampled_s = view->elapsed_s;
        progress->sampled_done = view->done;
    } else if (since >= sample_s) {
        sparkline_add(&progress->ttft, view->ttft_p50_s);
        sparkline_add(&progress->rate,
                      ((double)view->done - (double)progress->sampled_done) / since);
        progress->sampled_s = view->elapsed_s;
        progress->sampled_done = view->done;
    }
}

static void draw_wide(struct progress *progress, const struct progress_view *view, int columns)
{
    int width = columns / 2 < BAR_MOST ? columns / 2 : BAR_MOST;
    char line[LINE_TEXT] = "";

    describe(progress, view->row, view->index, line, sizeof line);
    put_line(progress, line, columns, COLOUR_STRONG);
    line[0] = '\0';
    line_add_bar(line, line_share_done(view), width);
    line_add(line, " ");
    line_add_done(line, view);
    line_add(line, ", %zu in flight", view->in_flight);
    add_errors(line, view);
    put_line(progress, line, columns, view->error_kinds ? COLOUR_BAD : COLOUR_GOOD);
    line[0] = '\0';
    add_figures(line, progress, view);
    put_line(progress, line, columns, COLOUR_NONE);
    draw_history(progress, columns);
}

/* What the members of a mix send, as one row, and a line for each. */
static void draw_mix(struct progress *progress, int columns)
{
    const struct progress_mix *mix = &progress->mix;
    enum colour colour = progress_mix_failed(mix) > 0 ? COLOUR_BAD : COLOUR_GOOD;
    bool narrow = columns < NARROW;
    char line[LINE_TEXT];

    progress_mix_title(mix, progress->rows, line);
    put_line(progress, line, columns, COLOUR_STRONG);
    progress_mix_done(mix, narrow ? 0 : columns / 2 < BAR_MOST ? columns / 2 : BAR_MOST, line);
    put_line(progress, line, columns, colour);
    if (narrow)
        return;
    progress_mix_speed(mix, line);
    put_line(progress, line, columns, COLOUR_NONE);
    for (size_t i = 0; i < progress_mix_lines(mix); i++) {
        progress_mix_member(mix, i, line);
        put_line(progress, line, columns, mix->member[i].failed > 0 ? COLOUR_BAD : COLOUR_DIM);
    }
}

static void draw_row(struct progress *progress, const struct progress_view *view, int columns)
{
    sample(progress, view);
    erase(progress, columns);
    if (columns < NARROW)
        draw_narrow(progress, view, columns);
    else
        draw_wide(progress, view, columns);
}

/* Members draw one block; it is not drawn for each of them. */
static void draw_member(struct progress *progress, const struct progress_view *view, int columns)
{
    if (!progress_mix_note(&progress->mix, view, clock_monotonic_ns()))
        return;
    erase(progress, columns);
    draw_mix(progress, columns);
}

static void print_closing(struct progress *progress, const struct step *step)
{
    char line[LINE_TEXT] = "", ttft[UNIT_TEXT], done[TERMINAL_DONE];

    describe(progress, &step->row, step->index, line, sizeof line);
    line_add(line, ": %s, %s", terminal_end(step), terminal_done(step, done));
    if (isfinite(step->wall_s))
        line_add_duration(line, " in ", step->wall_s, "");
    if (step->errors)
        line_add(line, ", %zu failed", step->errors);
    if (step->metric[METRIC_CLIENT_TTFT_S].count)
        line_add(line, ", TTFT p50 %s",
                 unit_time(step->metric[METRIC_CLIENT_TTFT_S].quantile[2], ttft));
    put_lasting(progress, line);
}

/* Why requests failed, in the words of the first of each kind. */
static void print_reasons(struct progress *progress, const struct step *step)
{
    for (size_t i = 0; i < step->error_kinds; i++) {
        char sentence[LINE_TEXT];

        width_fit(step->error[i].example, (int)sizeof step->error[i].example, sentence,
                  sizeof sentence);
        fprintf(progress->screen.page, "    %s × %zu: %s\n", step->error[i].code,
                step->error[i].count, sentence);
    }
}

/* --- What a run calls ------------------------------------------------------------------------- */

void progress_row_begins(struct progress *progress, const struct row *row, size_t index,
                         size_t pass)
{
    bool folded = progress->passes.count > 0, first;
    char text[LINE_TEXT], requests[TERMINAL_REQUESTS];

    pthread_mutex_lock(&progress->lock);
    progress_mix_begin(&progress->mix, row, index);
    first = folded && passes_begin(&progress->passes, pass, clock_monotonic_ns());
    if (!progress->quiet && !progress->live && first) {
        passes_describe(&progress->passes, pass, text, sizeof text);
        put_lasting(progress, text);
    } else if (!progress->quiet && !progress->live && !folded) {
        describe(progress, row, index, text, sizeof text);
        fprintf(progress->screen.page, "%s: %s\n", text, terminal_requests(row, requests));
    }
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}

void progress_draw(struct progress *progress, const struct progress_view *view)
{
    int columns = drawing_columns(progress);

    if (!progress->live || !screen_is_idle(&progress->screen))
        return;
    pthread_mutex_lock(&progress->lock);
    if (view->row->mix)
        draw_member(progress, view, columns);
    else
        draw_row(progress, view, columns);
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}

void progress_say(struct progress *progress, const char *line)
{
    if (progress->quiet)
        return;
    pthread_mutex_lock(&progress->lock);
    erase(progress, drawing_columns(progress));
    if (!progress->live && isatty(fileno(progress->out)))
        fputc('\n', progress->screen.page); /* behind the "^C" that the terminal shows */
    put_lasting(progress, line);
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}

/* Even where only what is wrong is printed. */
static bool is_wrong(const struct step *step)
{
    return step->errors > 0 || step->end != STEP_DONE || step->completed == 0 ||
           step->health.verdict == MEASUREMENT_INVALID;
}

/* In the place of the step's line, its pass's where all of that has ended. */
static void end_folded(struct progress *progress, const struct step *step)
{
    bool all = passes_end(&progress->passes, step, clock_monotonic_ns());
    char line[LINE_TEXT];

    if (is_wrong(step)) {
        print_closing(progress, step);
        print_reasons(progress, step);
    }
    if (all && !progress->quiet) {
        passes_describe(&progress->passes, step->pass, line, sizeof line);
        put_lasting(progress, line);
    }
}

/* Of the rows of a mix one is guessed to take the time of all (struct progress_options). */
static void add_taken(struct progress *progress, const struct step *step)
{
    double expected_s = progress->expected_s[step->index];

    progress->expected_before_s += expected_s;
    progress->took_before_s += expected_s > 0 && isfinite(step->wall_s) ? step->wall_s : 0;
}

void progress_row_ends(struct progress *progress, const struct step *step)
{
    pthread_mutex_lock(&progress->lock);
    progress_mix_end(&progress->mix, step->index);
    pthread_mutex_unlock(&progress->lock);
    if (progress->quiet && !is_wrong(step))
        return;
    pthread_mutex_lock(&progress->lock);
    erase(progress, drawing_columns(progress));
    add_taken(progress, step);
    if (progress->passes.count > 0) {
        end_folded(progress, step);
    } else {
        print_closing(progress, step);
        print_reasons(progress, step);
    }
    if (progress->verbose)
        figures_print(progress->screen.page, step);
    screen_show(&progress->screen);
    pthread_mutex_unlock(&progress->lock);
}

/* Steps of passes that were cut off. */
static void print_open_passes(struct progress *progress)
{
    char line[LINE_TEXT];

    for (size_t open = passes_open(&progress->passes, 0); open != SIZE_MAX && !progress->quiet;
         open = passes_open(&progress->passes, open + 1)) {
        passes_describe(&progress->passes, open, line, sizeof line);
        put_lasting(progress, line);
        screen_show(&progress->screen);
    }
}

void progress_clear(struct progress *progress)
{
    print_open_passes(progress);
    passes_clear(&progress->passes);
    progress_mix_clear(&progress->mix);
    screen_clear(&progress->screen);
}
