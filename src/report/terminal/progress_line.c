#include "report/terminal/progress_line.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/terminal/terminal.h"

void line_add(char *line, const char *format, ...)
{
    size_t used = strlen(line);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line + used, LINE_TEXT - used, format, arguments);
    va_end(arguments);
}

void line_add_duration(char *line, const char *before, double seconds, const char *after)
{
    char text[48];

    terminal_duration(seconds, text, sizeof text);
    line_add(line, "%s%s%s", before, text, after);
}

void line_add_bar(char *line, double share, int width)
{
    int full = (int)(share * width);

    for (int i = 0; i < width; i++)
        line_add(line, "%s", i < full ? "█" : "░");
}

/* Of the row's requests, those that count or not; NAN of a row that only its time ends. */
static double all_requests(const struct row *row)
{
    return row->num_requests > 0 ? (double)row_requests_of(row, row_requests_most(row)) : NAN;
}

double line_share_done(const struct progress_view *view)
{
    double requests = (double)(view->done + view->uncounted) / all_requests(view->row);
    double time = view->row->duration_s > 0 ? view->counted_s / view->row->duration_s : NAN;

    return fmin(1, fmax(0, fmax(requests, time)));
}

double line_left_s(const struct progress_view *view)
{
    double share = line_share_done(view);

    return view->done < 2 || !(share > 0) ? NAN : view->elapsed_s * (1 - share) / share;
}

void line_add_done(char *line, const struct progress_view *view)
{
    const struct row *row = view->row;

    if (isnan(view->counted_s) && row->warmup_requests > 0) {
        line_add(line, "warm-up %zu/%lld", view->uncounted,
                 (long long)row_requests_of(row, row->warmup_requests));
        return;
    }
    line_add(line, "%zu", view->done);
    if (row->num_requests > 0)
        line_add(line, "/%lld", (long long)row_requests_of(row, row->num_requests));
    if (row->duration_s > 0)
        line_add(line, " in %.0f/%g s", fmin(fmax(0, view->counted_s), row->duration_s),
                 row->duration_s);
}
