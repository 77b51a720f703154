#include "plan/mixes.h"

#include <string.h>

#include "core/text.h"

enum { NAME_MOST = 80 };

const char mixes_name_wanted[] =
    "a name of up to 80 bytes of UTF-8 without 'summary' and 'individual_responses', since it "
    "stands in a file's name";

bool mixes_may_name(const char *name)
{
    const char *at = name;

    while (*at && text_utf8_length(at))
        at += text_utf8_length(at);
    return !*at && strlen(name) <= NAME_MOST && !strcasestr(name, "summary") &&
           !strcasestr(name, "individual_responses") && !strcasestr(name, "individual-responses");
}

bool mixes_is_first(const struct rows *rows, size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (row_same_mix(&rows->row[i], &rows->row[row]))
            return false;
    }
    return true;
}

size_t mixes_next(const struct rows *rows, size_t row)
{
    size_t next = row + 1;

    while (next < rows->count && !row_same_mix(&rows->row[next], &rows->row[row]))
        next++;
    return next;
}

/* One mix from its first member on. */
static void check(const struct rows *rows, size_t first, const char *file, struct faults *faults)
{
    bool open = rows->row[first].concurrent_requests == 0;

    for (size_t i = first; i < rows->count; i = mixes_next(rows, i)) {
        const struct row *row = &rows->row[i];

        if (row->warmup)
            faults_add(faults, file, row->line,
                       "mix: a warm-up row runs alone; leave 'warmup' empty, or take the row out "
                       "of mix '%s' (warmup_requests warms up its members)",
                       row->mix);
        if ((row->concurrent_requests == 0) != open)
            faults_add(faults, file, row->line,
                       "mix: line %d of mix '%s' sends by %s, and this row by %s; give all members "
                       "qps, or all concurrent_requests",
                       rows->row[first].line, row->mix, open ? "qps" : "concurrent_requests",
                       open ? "concurrent_requests" : "qps");
    }
}

void mixes_check(const struct rows *rows, const char *file, struct faults *faults)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].mix && mixes_is_first(rows, i))
            check(rows, i, file, faults);
    }
}

void mixes_check_settings(const struct rows *rows, const struct settings *settings,
                          struct faults *faults)
{
    size_t first = 0;

    while (first < rows->count && !rows->row[first].mix)
        first++;
    if (first == rows->count)
        return;
    if (settings->concurrency_enabled)
        faults_add(faults, settings->model_configs_path, rows->row[first].line,
                   "mix: mix '%s' runs alone; leave out concurrency_enabled, or the column mix",
                   rows->row[first].mix);
    if (settings->probe.steady > 0)
        faults_add(faults, settings->model_configs_path, rows->row[first].line,
                   "mix: a probe needs its row to run alone; set probe.steady to 0, or take the "
                   "rows of mix '%s' out of it",
                   rows->row[first].mix);
}
