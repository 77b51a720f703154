#include "plan/advice.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "plan/probe.h"

static int by_asked_then_line(const void *a, const void *b)
{
    const struct row *x = *(const struct row *const *)a;
    const struct row *y = *(const struct row *const *)b;
    int order = row_compare(x, y);

    return order ? order : x->line - y->line;
}

static void warn_of_repeats(const struct rows *rows, const char *file, struct faults *warnings)
{
    const struct row **sorted = memory_new(rows->count, sizeof *sorted);
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->row[i].warmup)
            sorted[count++] = &rows->row[i];
    }
    qsort(sorted, count, sizeof *sorted, by_asked_then_line);
    for (size_t first = 0, i = 1; i < count; i++) {
        if (row_compare(sorted[first], sorted[i]) == 0)
            faults_add(warnings, file, sorted[i]->line, "asks for the same as line %d",
                       sorted[first]->line);
        else
            first = i;
    }
    free(sorted);
}

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
    return !row->warmup && row->num_requests > row->concurrent_requests && row->num_requests >= 3 &&
           row->num_requests < requests_to_see(row);
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

static void warn_of_unseen(const struct row *row, const char *file, struct faults *warnings)
{
    if (row->concurrent_requests && row->num_requests <= row->concurrent_requests)
        faults_add(warnings, file, row->line,
                   "cannot show a switch: num_requests (%lld) is not above concurrent_requests "
                   "(%lld), so no request runs after the first wave",
                   (long long)row->num_requests, (long long)row->concurrent_requests);
    else if (row->num_requests < 3)
        faults_add(warnings, file, row->line,
                   "cannot show a switch: the rule needs two requests besides the first");
}

void advice_on_rows(const struct rows *rows, const char *file, bool probed, struct faults *warnings)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (!probed && !rows->row[i].warmup)
            warn_of_unseen(&rows->row[i], file, warnings);
    }
    warn_of_repeats(rows, file, warnings);
}

static double answer_s(int64_t output_tokens)
{
    return ADVICE_TTFT_S + (double)output_tokens / ADVICE_TOKENS_PER_S;
}

double advice_step_seconds(const struct row *row, const struct settings *settings)
{
    double probe = (double)probe_bursts(row, settings) * answer_s(settings->probe.output_tokens);
    double answer = answer_s(row->output_tokens);

    if (!row->concurrent_requests)
        return probe + (double)(row->num_requests - 1) / row->qps + answer;
    return probe + ceil((double)row->num_requests / (double)row->concurrent_requests) * answer;
}

static void add_step(const struct row *row, const struct settings *settings,
                     struct advice_totals *totals)
{
    int64_t probe = probe_requests(row, settings);

    totals->requests += row->num_requests + probe;
    totals->input_tokens += (row->num_requests + probe) * row->input_tokens;
    totals->output_tokens +=
        row->num_requests * row->output_tokens + probe * settings->probe.output_tokens;
    totals->seconds += fmin(advice_step_seconds(row, settings), settings->timeout_s);
}

struct advice_totals advice_total(const struct rows *rows, const struct order *order,
                                  const struct settings *settings)
{
    struct advice_totals totals = {0};

    for (size_t i = 0; i < order->count; i++)
        add_step(&rows->row[order->visit[i].row], settings, &totals);
    if (order->count > 1)
        totals.seconds += (double)(order->count - 1) * settings->time_delay_s;
    return totals;
}
