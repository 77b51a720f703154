#include "report/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/terminal.h"

enum { MODEL_WIDTH = 36, LINE_MOST = 512 };

void progress_init(struct progress *progress, FILE *out, size_t rows, bool quiet, bool plain)
{
    const char *terminal = getenv("TERM");
    bool able = isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;

    *progress = (struct progress){
        .out = out, .live = able && !plain && !quiet, .quiet = quiet, .rows = rows};
}

static int columns_of(FILE *out)
{
    struct winsize size;

    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void erase(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", progress->out);
    progress->drawn = false;
}

/* "3/8 Meta-Llama-3.3-70B-Instruct 1000→128 c=16" */
static void describe(const struct progress *progress, const struct row *row, size_t index,
                     char *text, size_t size)
{
    char model[256], load[48];

    terminal_fit(row->model_name, MODEL_WIDTH, model, sizeof model);
    terminal_load(row, load, sizeof load);
    snprintf(text, size, "%zu/%zu %s %lld→%lld %s%s%s", index + 1, progress->rows, model,
             (long long)row->input_tokens, (long long)row->output_tokens, load,
             row->multimodal_img_size ? " image " : "", row_image_names[row->multimodal_img_size]);
}

void progress_row_begins(struct progress *progress, const struct row *row, size_t index)
{
    char text[LINE_MOST];

    if (progress->quiet || progress->live)
        return;
    describe(progress, row, index, text, sizeof text);
    fprintf(progress->out, "%s: %lld requests\n", text, (long long)row->num_requests);
    fflush(progress->out);
}

/* Time left by what is done so far; nothing said before a few are. */
static void describe_left(const struct progress_view *view, char *text, size_t size)
{
    double left;

    text[0] = '\0';
    if (view->done < 2)
        return;
    left = view->elapsed_s / (double)view->done *
           ((double)view->row->num_requests - (double)view->done);
    snprintf(text, size, ", left ");
    terminal_duration(left, text + strlen(text), size - strlen(text));
}

void progress_draw(struct progress *progress, const struct progress_view *view)
{
    char text[LINE_MOST], whole[2 * LINE_MOST], shown[2 * LINE_MOST], ttft[48] = "", left[64];

    if (!progress->live)
        return;
    describe(progress, view->row, view->index, text, sizeof text);
    if (isfinite(view->ttft_p50_s))
        snprintf(ttft, sizeof ttft, ", TTFT p50 %.3f s", view->ttft_p50_s);
    describe_left(view, left, sizeof left);
    snprintf(whole, sizeof whole, "%s  %zu/%lld, %zu in flight, %zu failed%s%s", text, view->done,
             (long long)view->row->num_requests, view->in_flight, view->errors, ttft, left);
    terminal_fit(whole, columns_of(progress->out) - 1, shown, sizeof shown);
    fprintf(progress->out, "\r%s\033[K", shown);
    fflush(progress->out);
    progress->drawn = true;
}

static void describe_switching(const struct switching *switching, char *text, size_t size)
{
    if (switching->verdict == SWITCHING_FOUND)
        snprintf(text, size, "switch %.3f s", switching->time_s);
    else
        snprintf(text, size, "switch: %s", switching_verdict_words[switching->verdict]);
}

void progress_row_ends(struct progress *progress, const struct step *step)
{
    char text[LINE_MOST], wall[48], ttft[48] = "", switching[64];

    if (progress->quiet)
        return;
    erase(progress);
    describe(progress, &step->row, step->index, text, sizeof text);
    terminal_duration(step->wall_s, wall, sizeof wall);
    if (step->metric[METRIC_CLIENT_TTFT_S].count)
        snprintf(ttft, sizeof ttft, ", TTFT p50 %.3f s",
                 step->metric[METRIC_CLIENT_TTFT_S].quantile[2]);
    describe_switching(&step->switching, switching, sizeof switching);
    fprintf(progress->out, "%s: %s, %zu/%lld in %s, %zu failed%s, %s\n", text,
            step_end_words[step->end], step->completed, (long long)step->row.num_requests,
            isfinite(step->wall_s) ? wall : "no time", step->errors, ttft, switching);
    fflush(progress->out);
}
