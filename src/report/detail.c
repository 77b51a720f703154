#include "report/detail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "report/completed.h"
#include "report/exposed.h"
#include "report/request_column.h"
#include "report/terminal/terminal.h"
#include "store/responses.h"

/* A step's first requests, and failed ones, are in the page however many there are; failed ones up
 * to a tenth of all that it draws. */
enum { FIRST_ONES = 16, FAILED_MOST = DETAIL_SHOWN_MOST / 10, PROBES_MOST = 1000 };

enum { ROW_WORDS = 512 };

struct reading {
    const struct report *report;
    struct detail *detail;
    FILE *csv;
    struct text csv_line;            /* of a request, before it is written */
    size_t stride;                   /* each so many-th request is in the page */
    size_t failed;                   /* that are in the page besides */
    int64_t run_began_ns, latest_ns; /* moments of its first request, and of the last one read */
    size_t visit;                    /* of the study: the next one */
    size_t row;                      /* of the study, that the step visits; SIZE_MAX: none */
    struct exposed exposed;          /* of the part that is being read */
    struct step_detail *step;        /* that is being read */
    struct completed completed;      /* of its requests */
};

/* --- Requests --------------------------------------------------------------------------------- */

/* The kind of the step's errors that a response counts to; SIZE_MAX: it completed, or none is. */
static size_t kind_of(const struct step *step, const struct response *response)
{
    for (size_t i = 0; i < step->error_kinds && response->code[0]; i++) {
        if (strcmp(step->error[i].code, response->code) == 0)
            return i;
    }
    return SIZE_MAX;
}

static void keep_example(struct step_detail *step, size_t kind, const char *message)
{
    if (kind < step->step->error_kinds && !step->example[kind][0])
        snprintf(step->example[kind], sizeof step->example[kind], "%s", message);
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
 * resumed, and its monotonic clock with it: then people's time tells how far apart they are. */
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

static const enum metric line_metrics[LINE_FIGURES] = {
    [LINE_INPUT_TOKENS] = METRIC_NUMBER_INPUT_TOKENS,
    [LINE_OUTPUT_TOKENS] = METRIC_NUMBER_OUTPUT_TOKENS,
    [LINE_CLIENT_TTFT_S] = METRIC_CLIENT_TTFT_S,
    [LINE_CLIENT_END_TO_END_LATENCY_S] = METRIC_CLIENT_END_TO_END_LATENCY_S,
    [LINE_CLIENT_OUTPUT_TOKEN_PER_S] = METRIC_CLIENT_OUTPUT_TOKEN_PER_S,
    [LINE_CLIENT_TIME_PER_OUTPUT_TOKEN_S] = METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S,
    [LINE_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S] = METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S,
    [LINE_SERVER_TTFT_S] = METRIC_SERVER_TTFT_S,
    [LINE_SERVER_END_TO_END_LATENCY_S] = METRIC_SERVER_END_TO_END_LATENCY_S,
    [LINE_SERVER_OUTPUT_TOKEN_PER_S] = METRIC_SERVER_OUTPUT_TOKEN_PER_S,
    [LINE_CLIENT_SCHEDULE_DELAY_S] = METRIC_CLIENT_SCHEDULE_DELAY_S,
    [LINE_CLIENT_CONNECT_S] = METRIC_CLIENT_CONNECT_S,
    [LINE_CACHED_TOKENS] = METRIC_CACHED_TOKENS,
};

/* A line of the step that is being read; when it began and its batch size are not known yet. */
static struct request_line line_begun(const struct reading *reading, const struct outcome *outcome)
{
    struct request_line line = {.step = reading->step->step,
                                .row = reading->step->row,
                                .run = reading->step->run,
                                .index = outcome->index,
                                .end = outcome->end,
                                .http_status = outcome->http_status,
                                .began_s = NAN,
                                .batch_size = NAN};

    for (int i = 0; i < LINE_FIGURES; i++)
        line.value[i] = outcome->figures.value[line_metrics[i]];
    return line;
}

static struct request_line line_of(struct reading *reading, const struct response *response)
{
    struct request_line line = line_begun(reading, &response->outcome);
    int64_t moment = moment_of(&response->outcome);

    line.batch_size = response->outcome.figures.value[METRIC_BATCH_SIZE_USED];
    if (moment != CLOCK_NEVER)
        line.began_s = since_run_began_s(reading, moment);
    line.message = (char *)response->message; /* until it is shown */
    return line;
}

static bool belongs_in_page(struct reading *reading, const struct request_line *line)
{
    size_t at = reading->step->requests - 1;

    if (reading->stride == 1 || at % reading->stride == 0 || at < FIRST_ONES)
        return true;
    if (line->end == REQUEST_COMPLETED || reading->failed >= FAILED_MOST)
        return false;
    reading->failed++;
    return true;
}

/* NULL where there is none. */
static char *copy_message(const char *message)
{
    return message[0] ? memory_printf("%.*s", DETAIL_MESSAGE - 1, message) : NULL;
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
    line->message = copy_message(line->message);
    step->line[step->lines++] = *line;
}

/* What a completed request adds to the tokens over the run's time: from its first token to its end.
 */
static void add_tokens(struct reading *reading, const struct outcome *outcome)
{
    const double *value = outcome->figures.value;
    double latency_s = value[METRIC_CLIENT_END_TO_END_LATENCY_S];
    double end_s = (double)(outcome->done_ns - reading->run_began_ns) / 1e9;
    double first_s = end_s - latency_s + value[METRIC_CLIENT_TTFT_S];

    if (reading->run_began_ns == CLOCK_NEVER || outcome->done_ns == CLOCK_NEVER)
        return;
    series_add(&reading->detail->tokens[reading->step->run], isnan(first_s) ? end_s : first_s,
               end_s, value[METRIC_NUMBER_OUTPUT_TOKENS]);
}

static void write_csv(struct reading *reading, const struct request_line *line)
{
    text_reset(&reading->csv_line);
    request_add_csv(line, &reading->csv_line);
    fwrite(reading->csv_line.bytes, 1, reading->csv_line.length, reading->csv);
}

static void take(struct reading *reading, const struct response *response)
{
    struct step_detail *step = reading->step;
    struct request_line line = line_of(reading, response);
    size_t before = step->lines, kind = kind_of(step->step, response);
    struct completed_kept *kept;

    line.code = kind < step->step->error_kinds ? step->step->error[kind].code : NULL;
    line.exposed = exposed_next(&reading->exposed, &response->outcome);
    reading->detail->requests++;
    if (step->requests++ == 0)
        step->began_s = line.began_s;
    if (reading->csv)
        write_csv(reading, &line);
    keep_example(step, kind, response->message);
    show(reading, &line);
    if (response->outcome.end != REQUEST_COMPLETED)
        return;
    kept = completed_add(&reading->completed, &response->outcome,
                         step->lines > before ? before : SIZE_MAX);
    pools_add(&reading->detail->pools, reading->row, kept->value);
    add_tokens(reading, &response->outcome);
}

/* A request of the probe: it is in no figure and no sheet. */
static void take_probe(struct reading *reading, const struct response *response)
{
    struct step_detail *step = reading->step;
    int64_t moment = moment_of(&response->outcome);
    struct request_line line = line_begun(reading, &response->outcome);

    line.in_page = true;
    line.exposed = exposed_next(&reading->exposed, &response->outcome);
    if (moment != CLOCK_NEVER && reading->run_began_ns != CLOCK_NEVER)
        line.began_s = (double)(moment - reading->run_began_ns) / 1e9;
    if (step->probes >= PROBES_MOST)
        return;
    line.message = copy_message(response->message);
    step->probe = memory_grow(step->probe, step->probes, sizeof *step->probe);
    step->probe[step->probes++] = line;
}

/* A warm-up request is in no figure and no sheet; requests of the load that left before the first
 * of them was complete are exposed as it is. */
static void take_phase(struct reading *reading, const struct response *response)
{
    if (response->outcome.phase == REQUEST_WARMUP)
        exposed_note_warmup(&reading->exposed, &response->outcome);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void keep_fault(struct detail *detail, const struct error *fault)
{
    if (!fault->text[0] || detail->unread)
        return;
    detail->unread = true;
    snprintf(detail->why, sizeof detail->why, "%.255s", fault->text);
}

static void read_part(struct reading *reading, const char *folder, enum step_part part,
                      void (*take_one)(struct reading *reading, const struct response *response))
{
    const struct step *step = reading->step->step;
    struct response response;
    struct error fault = {.text = ""};
    struct response_reader *reader = response_reader_open(folder, step->name, part, &fault);

    while (reader && response_reader_next(reader, &response, &fault))
        take_one(reading, &response);
    response_reader_close(reader);
    keep_fault(reading->detail, &fault);
}

/* Warm-ups are no visits; those of mixes are not the study's, and the others stand in it in the
 * same order. */
static size_t find_row(struct reading *reading)
{
    const struct study *study = reading->report->study;

    if (reading->step->step->row.mix)
        return pools_find_mixed(&reading->detail->pools, &reading->step->step->row);
    if (!study || reading->visit >= study->visits ||
        study->visit[reading->visit].step != reading->step->step)
        return SIZE_MAX;
    return study->visit[reading->visit++].row;
}

static void read_requests(struct reading *reading, const char *folder)
{
    const struct step *step = reading->step->step;

    reading->row = find_row(reading);
    reading->exposed = exposed_begin(step, STEP_LOAD);
    if (step->phase_started > 0 && responses_are_there(folder, step->name, STEP_PHASES))
        read_part(reading, folder, STEP_PHASES, take_phase);
    read_part(reading, folder, STEP_LOAD, take);
    reading->exposed = exposed_begin(step, STEP_PROBE);
    if (step->probe_started > 0 && responses_are_there(folder, step->name, STEP_PROBE))
        read_part(reading, folder, STEP_PROBE, take_probe);
    completed_conclude(&reading->completed, reading->step);
}

static char *row_in_words(const struct row *row)
{
    char words[ROW_WORDS];

    terminal_row(row, ROW_WORDS / 2, words, sizeof words);
    return memory_text(words);
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
            .row = row_in_words(&results->step[i].row),
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

    *detail = (struct detail){.step = memory_new(steps, sizeof *detail->step),
                              .tokens = memory_new(report->runs, sizeof *detail->tokens)};
    pools_begin(report->study, &detail->pools);
    pools_begin_mixed(&detail->pools, report->run, report->runs);
    reading.stride = requests / DETAIL_SHOWN_MOST + 1;
    if (requests > DETAIL_SHOWN_MOST) {
        if (!file_draft_begin(&draft, csv, error))
            return false;
        reading.csv = draft.out;
        request_write_csv_head(reading.csv);
    }
    for (size_t i = 0; i < report->runs; i++)
        read_run(&reading, i);
    pools_conclude(&detail->pools);
    if (reading.csv)
        done = file_draft_end(&draft, true, error);
    completed_clear(&reading.completed);
    text_clear(&reading.csv_line);
    return done;
}

void detail_forget_page(struct detail *detail)
{
    for (size_t i = 0; i < detail->steps; i++) {
        struct step_detail *step = &detail->step[i];
        size_t kept = 0;

        for (size_t k = 0; k < step->lines; k++) {
            if (k == 0 || step->line[k].in_sheet)
                step->line[kept++] = step->line[k];
            else
                free(step->line[k].message);
        }
        if (kept < step->lines)
            step->line = memory_resize(step->line, kept, sizeof *step->line);
        step->lines = kept;
    }
}

static void clear_lines(struct request_line *line, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(line[i].message);
    free(line);
}

void detail_forget_lines(struct step_detail *step)
{
    clear_lines(step->line, step->lines);
    step->line = NULL;
    step->lines = 0;
}

void detail_clear(struct detail *detail)
{
    for (size_t i = 0; i < detail->steps; i++) {
        free(detail->step[i].row);
        free(detail->step[i].batch);
        clear_lines(detail->step[i].line, detail->step[i].lines);
        clear_lines(detail->step[i].probe, detail->step[i].probes);
        free(detail->step[i].example);
    }
    free(detail->step);
    free(detail->tokens);
    pools_clear(&detail->pools);
    *detail = (struct detail){0};
}
