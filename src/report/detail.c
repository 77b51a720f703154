#include "report/detail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "report/request_column.h"
#include "stats/batches.h"
#include "stats/quantile.h"
#include "stats/summary.h"
#include "store/responses.h"

/* A step's first requests, and failed ones, are in the page however many there are; failed ones up
 * to a tenth of all that it draws. */
enum { FIRST_ONES = 16, FAILED_MOST = DETAIL_SHOWN_MOST / 10 };

const enum metric batch_metrics[SWITCH_SOURCES][BATCH_FIGURES] = {
    [SWITCH_SERVER] = {METRIC_SERVER_TTFT_S, METRIC_SERVER_END_TO_END_LATENCY_S,
                       METRIC_SERVER_OUTPUT_TOKEN_PER_S},
    [SWITCH_CLIENT] = {METRIC_CLIENT_TTFT_S, METRIC_CLIENT_END_TO_END_LATENCY_S,
                       METRIC_CLIENT_OUTPUT_TOKEN_PER_S},
};

/* What is kept of each completed request of the step that is being read. */
struct kept {
    double value[SWITCH_SOURCES][BATCH_FIGURES];
    size_t line; /* its line; SIZE_MAX: it is not shown */
};

struct reading {
    const struct report *report;
    struct detail *detail;
    FILE *csv;
    size_t stride;                   /* each so many-th request is in the page */
    size_t failed;                   /* that are in the page besides */
    int64_t run_began_ns, latest_ns; /* moments of its first request, and of the last one read */
    struct step_detail *step;        /* that is being read, and of its completed requests: */
    struct batch_member *member;
    struct kept *kept;
    size_t completed;
};

/* --- Batches ---------------------------------------------------------------------------------- */

static struct range range_of(double *values, size_t count)
{
    struct range range = {NAN, NAN, NAN};

    if (count == 0)
        return range;
    quantile_sort(values, count);
    range.p5 = quantile_of_sorted(values, count, 0.05);
    range.p50 = quantile_of_sorted(values, count, 0.5);
    range.p95 = quantile_of_sorted(values, count, 0.95);
    return range;
}

/* One order for sizes: ascending, the unknown last. */
static double rank_of(double size)
{
    return isnan(size) ? INFINITY : size;
}

static struct batch_figures *find_batch(struct step_detail *step, double size)
{
    size_t at = 0;

    while (at < step->batches && rank_of(step->batch[at].size) < rank_of(size))
        at++;
    if (at < step->batches && rank_of(step->batch[at].size) == rank_of(size))
        return &step->batch[at];
    step->batch = memory_grow(step->batch, step->batches, sizeof *step->batch);
    for (size_t i = step->batches++; i > at; i--)
        step->batch[i] = step->batch[i - 1];
    step->batch[at] = (struct batch_figures){.size = size};
    return &step->batch[at];
}

static void fill_batch(const struct reading *reading, struct batch_figures *batch, double *values)
{
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++) {
            size_t count = 0;

            for (size_t i = 0; i < reading->completed; i++) {
                double value = reading->kept[i].value[source][figure];

                if (rank_of(reading->member[i].size) == rank_of(batch->size) && !isnan(value))
                    values[count++] = value;
            }
            batch->figure[source][figure] = range_of(values, count);
        }
        batch->throughput[source] = batch->size * batch->figure[source][BATCH_OUTPUT_SPEED].p50;
    }
}

static void conclude_batches(struct reading *reading)
{
    struct step_detail *step = reading->step;
    double *values = memory_new(reading->completed, sizeof *values);

    batches_find(reading->member, reading->completed);
    for (size_t i = 0; i < reading->completed; i++) {
        find_batch(step, reading->member[i].size)->requests++;
        if (reading->kept[i].line < step->lines)
            step->line[reading->kept[i].line].batch_size = reading->member[i].size;
    }
    for (size_t i = 0; i < step->batches; i++)
        fill_batch(reading, &step->batch[i], values);
    free(values);
}

/* --- Requests --------------------------------------------------------------------------------- */

static void keep_example(struct step_detail *step, const struct outcome *outcome,
                         const char *message)
{
    char code[24];

    summary_error_code(outcome->end, outcome->http_status, code, sizeof code);
    for (size_t i = 0; i < step->step->error_kinds; i++) {
        if (strcmp(step->step->error[i].code, code) == 0 && !step->example[i][0])
            snprintf(step->example[i], sizeof step->example[i], "%s", message);
    }
}

static int64_t moment_of(const struct outcome *outcome)
{
    return outcome->sent_ns != CLOCK_NEVER ? outcome->sent_ns : outcome->started_ns;
}

/* When a step began, in people's time. */
static double began_wall_s(const struct step *step)
{
    return (double)step->timestamp_s - (isnan(step->wall_s) ? 0 : step->wall_s);
}

/* Seconds since the run's first request. The machine may have been started anew before a run was
 * gone on with, and its monotonic clock with it: then people's time tells how far apart they are.
 */
static double since_run_began_s(struct reading *reading, int64_t moment_ns)
{
    const struct results *run = &reading->report->run[reading->step->run];

    if (reading->run_began_ns == CLOCK_NEVER)
        reading->run_began_ns = moment_ns;
    if (reading->step->requests == 0 && run->manifest.resumptions > 0 &&
        moment_ns < reading->latest_ns) {
        double apart_s = began_wall_s(reading->step->step) - began_wall_s(&run->step[0]);
        double least_s = (double)(reading->latest_ns - reading->run_began_ns) / 1e9;

        /* People's time is kept in whole seconds, but the order is known. */
        reading->run_began_ns = moment_ns - (int64_t)(1e9 * fmax(apart_s, least_s));
    }
    if (moment_ns > reading->latest_ns || reading->step->requests == 0)
        reading->latest_ns = moment_ns;
    return (double)(moment_ns - reading->run_began_ns) / 1e9;
}

static struct request_line line_of(struct reading *reading, const struct response *response)
{
    struct request_line line = {.step = reading->step->step,
                                .run = reading->step->run,
                                .outcome = response->outcome,
                                .began_s = NAN,
                                .batch_size =
                                    response->outcome.figures.value[METRIC_BATCH_SIZE_USED]};
    int64_t moment = moment_of(&response->outcome);

    if (moment != CLOCK_NEVER)
        line.began_s = since_run_began_s(reading, moment);
    snprintf(line.message, sizeof line.message, "%s", response->message);
    return line;
}

static bool belongs_in_page(struct reading *reading, const struct request_line *line)
{
    size_t at = reading->step->requests - 1;

    if (reading->stride == 1 || at % reading->stride == 0 || at < FIRST_ONES)
        return true;
    if (line->outcome.end == REQUEST_COMPLETED || reading->failed >= FAILED_MOST)
        return false;
    reading->failed++;
    return true;
}

static void show(struct reading *reading, struct request_line *line)
{
    struct step_detail *step = reading->step;
    struct detail *detail = reading->detail;

    line->in_sheet = detail->in_sheet < DETAIL_SHOWN_MOST;
    line->in_page = belongs_in_page(reading, line);
    detail->in_sheet += line->in_sheet;
    detail->in_page += line->in_page;
    if (!line->in_sheet && !line->in_page)
        return;
    step->line = memory_grow(step->line, step->lines, sizeof *step->line);
    step->line[step->lines++] = *line;
}

static void keep(struct reading *reading, const struct outcome *outcome, size_t line)
{
    size_t at = reading->completed++;
    const double *value = outcome->figures.value;

    reading->member = memory_grow(reading->member, at, sizeof *reading->member);
    reading->kept = memory_grow(reading->kept, at, sizeof *reading->kept);
    reading->member[at] = batches_member(outcome);
    reading->kept[at].line = line;
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++)
            reading->kept[at].value[source][figure] = value[batch_metrics[source][figure]];
    }
}

static void take(struct reading *reading, const struct response *response)
{
    struct step_detail *step = reading->step;
    struct request_line line = line_of(reading, response);
    size_t before = step->lines;

    reading->detail->requests++;
    if (step->requests++ == 0)
        step->began_s = line.began_s;
    if (reading->csv)
        request_write_csv(reading->csv, &line);
    if (response->outcome.end != REQUEST_COMPLETED)
        keep_example(step, &response->outcome, response->message);
    show(reading, &line);
    if (response->outcome.end == REQUEST_COMPLETED)
        keep(reading, &response->outcome, step->lines > before ? before : SIZE_MAX);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void read_requests(struct reading *reading, const char *folder)
{
    struct response response;
    struct error fault = {.text = ""};
    struct response_reader *reader =
        response_reader_open(folder, reading->step->step->name, STEP_LOAD, &fault);

    while (reader && response_reader_next(reader, &response, &fault))
        take(reading, &response);
    response_reader_close(reader);
    if (fault.text[0] && !reading->detail->unread) {
        reading->detail->unread = true;
        snprintf(reading->detail->why, sizeof reading->detail->why, "%.255s", fault.text);
    }
    conclude_batches(reading);
    reading->completed = 0;
}

static void read_run(struct reading *reading, size_t run)
{
    const struct results *results = &reading->report->run[run];

    reading->run_began_ns = CLOCK_NEVER;
    reading->latest_ns = INT64_MIN;
    for (size_t i = 0; i < results->count; i++) {
        reading->step = &reading->detail->step[reading->detail->steps++];
        *reading->step = (struct step_detail){
            .step = &results->step[i],
            .run = run,
            .began_s = NAN,
            .example = memory_new(results->step[i].error_kinds, sizeof *reading->step->example)};
        read_requests(reading, results->folder);
    }
}

static size_t count_steps(const struct report *report, size_t *requests)
{
    size_t steps = 0;

    *requests = 0;
    for (size_t i = 0; i < report->runs; i++) {
        steps += report->run[i].count;
        for (size_t k = 0; k < report->run[i].count; k++)
            *requests += report->run[i].step[k].started;
    }
    return steps;
}

bool detail_read(const struct report *report, const char *csv, struct detail *detail,
                 struct error *error)
{
    struct reading reading = {.report = report, .detail = detail};
    size_t requests, steps = count_steps(report, &requests);
    struct file_draft draft;
    bool done = true;

    *detail = (struct detail){.step = memory_new(steps, sizeof *detail->step)};
    reading.stride = requests / DETAIL_SHOWN_MOST + 1;
    if (requests > DETAIL_SHOWN_MOST) {
        if (!file_draft_begin(&draft, csv, error))
            return false;
        reading.csv = draft.out;
        request_write_csv_head(reading.csv);
    }
    for (size_t i = 0; i < report->runs; i++)
        read_run(&reading, i);
    if (reading.csv)
        done = file_draft_end(&draft, true, error);
    free(reading.member);
    free(reading.kept);
    return done;
}

void detail_clear(struct detail *detail)
{
    for (size_t i = 0; i < detail->steps; i++) {
        free(detail->step[i].batch);
        free(detail->step[i].line);
        free(detail->step[i].example);
    }
    free(detail->step);
    *detail = (struct detail){0};
}
