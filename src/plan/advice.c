#include "plan/advice.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "plan/lines.h"
#include "plan/probe.h"

/* Of more rows than these one sentence is printed, not one for each. */
enum { EACH_MOST = 3 };

/* --- Warm-ups ----------------------------------------------------------------------------------*/

/* Orders rows by what they load, however long they are. */
static int compare_load(const struct row *a, const struct row *b)
{
    struct row same;

    if (a->input_tokens != b->input_tokens || a->output_tokens != b->output_tokens ||
        strcmp(a->model_name, b->model_name) != 0)
        return row_compare(a, b); /* which asks for nothing else then, so that no row is copied */
    same = *a;
    same.num_requests = b->num_requests;
    same.duration_s = b->duration_s;
    same.warmup_requests = b->warmup_requests;
    same.cooldown_requests = b->cooldown_requests;
    return row_compare(&same, b);
}

/* The same, then as they stand. */
static int by_load_then_line(const void *a, const void *b)
{
    const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
    int order = compare_load(x, y);

    return order ? order : (x > y) - (x < y);
}

static bool has_one_wave(const struct row *row)
{
    return row->concurrent_requests > 0 && !row_has_sessions(row) &&
           row_requests_most(row) <= row->concurrent_requests;
}

/* Which rows are warm-ups by the starter kit's habit: a row of one wave, and behind it a longer one
 * of the same model, lengths and concurrency. For the caller to free. */
static bool *find_warmups(const struct rows *rows)
{
    const struct row **sorted = memory_new(rows->count, sizeof *sorted);
    bool *warmup = memory_new(rows->count, sizeof *warmup);
    int64_t longest = 0;

    for (size_t i = 0; i < rows->count; i++)
        sorted[i] = &rows->row[i];
    if (rows->count > 0)
        qsort(sorted, rows->count, sizeof *sorted, by_load_then_line);
    for (size_t i = rows->count; i-- > 0;) {
        const struct row *row = sorted[i], *behind = i + 1 < rows->count ? sorted[i + 1] : NULL;
        int64_t requests = row_requests_most(row);

        if (!behind || compare_load(row, behind) != 0)
            longest = 0;
        warmup[row - rows->row] = row_is_studied(row) && has_one_wave(row) && longest > requests;
        if (row_is_studied(row) && requests > longest)
            longest = requests;
    }
    free(sorted);
    return warmup;
}

static void tell_warmups(const struct rows *rows, const bool *warmup, const char *file,
                         struct faults *warnings)
{
    struct text text = {0};
    struct lines lines = {0};

    for (size_t i = 0; i < rows->count; i++) {
        if (warmup[i])
            lines_add(&lines, rows->row[i].line);
    }
    if (lines.count > 0) {
        lines_print(&lines, &text);
        faults_add(warnings, file, lines.line[0],
                   "%zu row%s a warm-up of a longer row that follows (%s): no more requests than "
                   "run at once; a column warmup with true there keeps such rows out of every "
                   "estimate",
                   lines.count, lines.count == 1 ? " is" : "s are each", text.bytes);
    }
    lines_clear(&lines);
    text_clear(&text);
}

/* --- Repeats ---------------------------------------------------------------------------------- */

static int by_asked_then_line(const void *a, const void *b)
{
    const struct row *x = *(const struct row *const *)a;
    const struct row *y = *(const struct row *const *)b;
    int order = row_compare(x, y);

    return order ? order : x->line - y->line;
}

/* The line of the first row that asks for the same as each; 0: it is that itself. For the caller to
 * free. Warm-ups may repeat. */
static int *find_repeated(const struct rows *rows, const bool *warmup)
{
    const struct row **sorted = memory_new(rows->count, sizeof *sorted);
    int *line = memory_new(rows->count, sizeof *line);
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->row[i].warmup && !warmup[i])
            sorted[count++] = &rows->row[i];
    }
    if (count > 0)
        qsort(sorted, count, sizeof *sorted, by_asked_then_line);
    for (size_t first = 0, i = 1; i < count; i++) {
        if (row_compare(sorted[first], sorted[i]) == 0)
            line[sorted[i] - rows->row] = sorted[first]->line;
        else
            first = i;
    }
    free(sorted);
    return line;
}

static void warn_of_repeats(const struct rows *rows, const bool *warmup, const char *file,
                            struct faults *warnings)
{
    int *first = find_repeated(rows, warmup);
    struct lines lines = {0};
    struct text text = {0};

    for (size_t i = 0; i < rows->count; i++) {
        if (first[i] > 0)
            lines_add(&lines, rows->row[i].line);
    }
    for (size_t i = 0; i < rows->count && lines.count <= EACH_MOST; i++) {
        if (first[i] > 0)
            faults_add(warnings, file, rows->row[i].line, "asks for the same as line %d", first[i]);
    }
    if (lines.count > EACH_MOST) {
        lines_print(&lines, &text);
        faults_add(warnings, file, lines.line[0], "%zu rows ask for the same as earlier ones (%s)",
                   lines.count, text.bytes);
    }
    lines_clear(&lines);
    text_clear(&text);
    free(first);
}

/* --- Switches ----------------------------------------------------------------------------------*/

/* Requests from which a switch that all of the first wave waited for stands out by the rule: where
 * k of the m others waited too, the first lies sqrt((m − k)(m − 1) ÷ (m k)) sample standard
 * deviations above their mean, however long the switch took so more than 3 where m² − (10k + 1)m +
 * k > 0. */
static int64_t requests_to_see(const struct row *row)
{
    double k = (double)row->concurrent_requests - 1, b = 10 * k + 1;

    if (k < 1)
        return 3;
    return 1 + (int64_t)ceil((b + sqrt(b * b - 4 * k)) / 2);
}

static bool may_hide(const struct row *row)
{
    int64_t requests = row_requests_most(row);

    return row_is_studied(row) && requests > row->concurrent_requests && requests >= 3 &&
           requests < requests_to_see(row);
}

void advice_on_masking(const struct rows *rows, const char *file, struct faults *warnings)
{
    enum { LINES_NAMED = 5 };
    const struct row *first = NULL;
    size_t count = 0;
    struct text lines = {0};

    for (size_t i = 0; i < rows->count; i++) {
        if (!may_hide(&rows->row[i]))
            continue;
        first = first ? first : &rows->row[i];
        if (count++ < LINES_NAMED)
            text_printf(&lines, "%s%d", count > 1 ? ", " : "", rows->row[i].line);
    }
    if (count > 0)
        faults_add(warnings, file, first->line,
                   "may hide a switch (line%s %s%s): where a whole first wave waits for it, the "
                   "rule sees it from %" PRId64 " requests on at concurrency %" PRId64
                   "; at concurrency 1, from 3",
                   count > 1 ? "s" : "", lines.bytes, count > LINES_NAMED ? ", …" : "",
                   requests_to_see(first), first->concurrent_requests);
    text_clear(&lines);
}

static bool shows_none(const struct row *row)
{
    return has_one_wave(row) || row_requests_most(row) * row_turns(row) < 3;
}

static void warn_of_unseen(const struct row *row, const char *file, struct faults *warnings)
{
    if (has_one_wave(row))
        faults_add(warnings, file, row->line,
                   "cannot show a switch: num_requests (%lld) is not above concurrent_requests "
                   "(%lld), so no request runs after the first wave",
                   (long long)row_requests_most(row), (long long)row->concurrent_requests);
    else
        faults_add(warnings, file, row->line,
                   "cannot show a switch: the rule needs two requests besides the first");
}

static void warn_of_all_unseen(const struct rows *rows, const bool *warmup, const char *file,
                               struct faults *warnings)
{
    struct lines lines = {0};
    struct text text = {0};

    for (size_t i = 0; i < rows->count; i++) {
        if (!warmup[i] && row_is_studied(&rows->row[i]) && shows_none(&rows->row[i]))
            lines_add(&lines, rows->row[i].line);
    }
    for (size_t i = 0; i < rows->count && lines.count <= EACH_MOST; i++) {
        if (!warmup[i] && row_is_studied(&rows->row[i]) && shows_none(&rows->row[i]))
            warn_of_unseen(&rows->row[i], file, warnings);
    }
    if (lines.count > EACH_MOST) {
        lines_print(&lines, &text);
        faults_add(warnings, file, lines.line[0],
                   "%zu rows cannot show a switch (%s): num_requests is not above "
                   "concurrent_requests, or below 3, so no request runs after the first wave",
                   lines.count, text.bytes);
    }
    lines_clear(&lines);
    text_clear(&text);
}

void advice_on_rows(const struct rows *rows, const char *file, bool probed, struct faults *warnings)
{
    bool *warmup = find_warmups(rows);

    tell_warmups(rows, warmup, file, warnings);
    if (!probed)
        warn_of_all_unseen(rows, warmup, file, warnings);
    warn_of_repeats(rows, warmup, file, warnings);
    free(warmup);
}

void advice_on_durations(const struct rows *rows, const char *file, double timeout_s,
                         struct faults *warnings)
{
    struct lines lines = {0};
    struct text text = {0};

    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].duration_s > 0 && rows->row[i].duration_s >= timeout_s)
            lines_add(&lines, rows->row[i].line);
    }
    if (lines.count > 0) {
        lines_print(&lines, &text);
        faults_add(warnings, file, lines.line[0],
                   "duration_s: timeout (%g s) cuts the row off before it ends (%s); set it above "
                   "the duration and the longest response",
                   timeout_s, text.bytes);
    }
    lines_clear(&lines);
    text_clear(&text);
}

static double response_s(int64_t output_tokens)
{
    return ADVICE_TTFT_S + (double)output_tokens / ADVICE_TOKENS_PER_S;
}

/* A session's, with its pauses; without sessions, a request's. */
static double session_s(const struct row *row)
{
    double turns = row->turns_mean > 0 ? row->turns_mean : (double)row_turns(row);

    return turns * response_s(row->output_tokens) + (turns - 1) * row->think_time_s;
}

/* How long so many requests, or sessions, are sent; in closed loop, until they have ended too. */
static double sending_s(const struct row *row, double requests)
{
    if (!row->concurrent_requests)
        return requests / row_mean_qps(row);
    return ceil(requests / (double)row->concurrent_requests) * session_s(row);
}

/* Requests or sessions that count: where a duration ends the row, about so many. */
static double counted_requests(const struct row *row)
{
    double most = (double)row_counted_most(row);

    if (!(row->duration_s > 0))
        return most;
    if (!row->concurrent_requests)
        return fmin(most, ceil(row->duration_s * row_mean_qps(row) - 1e-9));
    return fmin(most, (double)row->concurrent_requests * (row->share > 0 ? row->share : 1) *
                          ceil(row->duration_s / session_s(row)));
}

double advice_step_seconds(const struct row *row, const struct settings *settings)
{
    double probe = (double)probe_bursts(row, settings) * response_s(settings->probe.output_tokens);
    double besides = (double)(row->warmup_requests + row->cooldown_requests);
    double response = session_s(row), counted = counted_requests(row);

    if (!row->concurrent_requests)
        return probe + sending_s(row, counted + besides - 1) + response;
    if (row->duration_s > 0 && sending_s(row, (double)row_counted_most(row)) > row->duration_s)
        return probe + sending_s(row, besides) + row->duration_s + response;
    return probe + sending_s(row, counted + besides);
}

static bool preconnects(const struct settings *settings)
{
    return settings->connection.preconnect && settings->connection.http == CONNECTION_HTTP_1_1 &&
           settings->connection.reuse != CONNECTION_REUSE_ALWAYS;
}

/* Of all prompts of a session: each holds those before, and the responses to them. A data set's
 * texts are each taken to have the row's tokens. */
static double session_input_tokens(const struct row *row)
{
    bool given = row->turns_mean > 0;
    double turns = given ? row->turns_mean : (double)row_turns(row);
    double held = given ? row->turns_held : turns * (turns - 1) / 2;
    double text = (double)(given ? row->input_tokens : row->turn_input_tokens);

    return turns * (double)row->input_tokens + held * (text + (double)row->output_tokens);
}

static void add_step(const struct row *row, const struct settings *settings,
                     struct advice_totals *totals)
{
    int64_t probe = probe_requests(row, settings);
    int64_t requests =
        row->warmup_requests + (int64_t)counted_requests(row) + row->cooldown_requests;

    int64_t sent = row_requests_of(row, requests);

    totals->requests += sent + probe;
    totals->input_tokens +=
        llround((double)requests * session_input_tokens(row)) + probe * row->input_tokens;
    totals->output_tokens += sent * row->output_tokens + probe * settings->probe.output_tokens;
    if (row->concurrent_requests == 0 && preconnects(settings))
        totals->opening_requests += requests;
}

double advice_visit_seconds(const struct rows *rows, const struct order *order, size_t begin,
                            const struct settings *settings)
{
    size_t end = order_visit_end(order, begin);
    double seconds = 0;

    for (size_t i = begin; i < end; i++) {
        const struct row *row = &rows->row[order->visit[i].row];
        double own = advice_step_seconds(row, settings);

        seconds = row->share > 0 && !(row->duration_s > 0) ? seconds + own : fmax(seconds, own);
    }
    return fmin(seconds, settings->timeout_s);
}

struct advice_totals advice_total(const struct rows *rows, const struct order *order,
                                  const struct settings *settings)
{
    struct advice_totals totals = {0};

    for (size_t i = 0; i < order->count; i++)
        add_step(&rows->row[order->visit[i].row], settings, &totals);
    for (size_t i = 0, end; i < order->count; i = end) {
        end = order_visit_end(order, i);
        totals.seconds += advice_visit_seconds(rows, order, i, settings);
        if (end < order->count)
            totals.seconds += settings->time_delay_s;
    }
    return totals;
}
