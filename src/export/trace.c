#include "export/trace.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "export/response_start.h"
#include "store/responses.h"
#include "traffic/trace_moment.h"

struct line {
    int64_t at_ns;
    const struct step *step;
    double input_tokens, output_tokens;
    size_t session;
    int64_t turn; /* 0: of no session */
};

struct lines {
    struct line *line; /* owned */
    size_t count;
};

/* --- Moments ---------------------------------------------------------------------------------- */

static int64_t start_of(const struct outcome *outcome)
{
    return outcome->sent_ns != CLOCK_NEVER ? outcome->sent_ns : outcome->started_ns;
}

/* What to add to the step's monotonic moments, so that they are of the wall clock: a run may have
 * been resumed after the machine's start. 0 where the file tells no such moment. */
static int64_t offset_of(const struct response_reader *reader, const struct outcome *outcome)
{
    char *start = response_start(reader);
    int64_t wall_ns, offset = 0;

    if (start && trace_moment_read(start, &wall_ns))
        offset = wall_ns - start_of(outcome);
    free(start);
    return offset;
}

/* When the request was to leave, or left. */
static int64_t moment_of(const struct step *step, const struct outcome *outcome)
{
    const double *value = outcome->figures.value;
    double late_s = value[METRIC_CLIENT_SCHEDULE_DELAY_S];
    double held_s = value[METRIC_CLIENT_HELD_S];

    if (step->row.concurrent_requests > 0 || !isfinite(late_s))
        return start_of(outcome);
    return start_of(outcome) - clock_from_seconds(late_s + (isfinite(held_s) ? held_s : 0));
}

/* --- Requests --------------------------------------------------------------------------------- */

static double tokens_of(double counted, bool completed, int64_t asked)
{
    return completed && counted > 0 ? counted : (double)asked;
}

static void add(struct lines *lines, const struct step *step, const struct outcome *outcome,
                int64_t offset_ns)
{
    const double *value = outcome->figures.value;
    bool completed = outcome->end == REQUEST_COMPLETED;

    lines->line = memory_grow(lines->line, lines->count, sizeof *lines->line);
    lines->line[lines->count++] = (struct line){
        .at_ns = moment_of(step, outcome) + offset_ns,
        .step = step,
        .input_tokens =
            tokens_of(value[METRIC_NUMBER_INPUT_TOKENS], completed, step->row.input_tokens),
        .output_tokens =
            tokens_of(value[METRIC_NUMBER_OUTPUT_TOKENS], completed, step->row.output_tokens),
        .session = outcome->session,
        .turn = outcome->turn};
}

static bool add_part(struct lines *lines, const struct results *run, const struct step *step,
                     enum step_part part, struct error *error)
{
    struct response_reader *reader = response_reader_open(run->folder, step->name, part, error);
    struct response response;
    int64_t offset_ns = 0;
    bool first = true;

    if (!reader)
        return false;
    error->text[0] = '\0';
    while (response_reader_next(reader, &response, error)) {
        if (response.outcome.attempt > 1 || start_of(&response.outcome) == CLOCK_NEVER)
            continue;
        if (first)
            offset_ns = offset_of(reader, &response.outcome);
        first = false;
        add(lines, step, &response.outcome, offset_ns);
    }
    response_reader_close(reader);
    return error->text[0] == '\0';
}

static bool add_step(struct lines *lines, const struct results *run, const struct step *step,
                     struct error *error)
{
    static const enum step_part parts[] = {STEP_PHASES, STEP_LOAD};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if ((parts[i] == STEP_LOAD || responses_are_there(run->folder, step->name, parts[i])) &&
            !add_part(lines, run, step, parts[i], error))
            return false;
    }
    return true;
}

/* Steps come as they ran, so that what left at one moment keeps their order. */
static int by_moment(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return (x->step > y->step) - (x->step < y->step);
}

/* --- The file --------------------------------------------------------------------------------- */

static void print(FILE *out, const struct line *line, int64_t first_ns, struct text *text)
{
    text_reset(text);
    text_add_string(text, "{\"at_s\": ");
    text_add_seconds(text, line->at_ns - first_ns);
    text_add_string(text, ", \"model\": ");
    text_add_json(text, line->step->row.model_name);
    text_printf(text, ", \"input_tokens\": %.0f, \"output_tokens\": %.0f", line->input_tokens,
                line->output_tokens);
    if (line->turn > 0) /* a session is one of its step's */
        text_printf(text, ", \"session\": \"%zu-%zu\", \"turn\": %" PRId64, line->step->index,
                    line->session, line->turn);
    text_add_string(text, "}\n");
    fwrite(text->bytes, 1, text->length, out);
}

static bool write_file(const struct lines *lines, const char *folder, struct error *error)
{
    char *path = file_join(folder, "trace.jsonl");
    struct file_draft draft;
    struct text text = {0};
    bool done = file_draft_begin(&draft, path, error);

    for (size_t i = 0; done && i < lines->count; i++)
        print(draft.out, &lines->line[i], lines->line[0].at_ns, &text);
    done = done && file_draft_end(&draft, true, error);
    text_clear(&text);
    free(path);
    return done;
}

bool trace_write(const struct results *run, const char *folder, struct error *error)
{
    struct lines lines = {0};
    bool done = true;

    for (size_t i = 0; done && i < run->count; i++)
        done = add_step(&lines, run, &run->step[i], error);
    if (done && lines.count == 0)
        done = error_set(error, "%s: holds no request to make a trace of", run->folder);
    if (done && lines.count > 0)
        qsort(lines.line, lines.count, sizeof *lines.line, by_moment);
    done = done && write_file(&lines, folder, error);
    free(lines.line);
    return done;
}
