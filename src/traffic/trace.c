#include "traffic/trace.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "traffic/trace_parser.h"

/* Of one whole second, at most: requests, and hash blocks of theirs. */
enum { SECOND_MOST = 200000, SECOND_BLOCKS_MOST = 4000000, MODELS_MOST = 1000 };

struct trace {
    char *path;
    struct trace_window window;
    struct trace_text text;
    struct trace_parser parser;
    struct trace_line line; /* the one read last */
    bool begun, ended;
    size_t before_number; /* the line above, and … */
    int64_t before_ns;    /* … its moment */
    int64_t first_ns;
    char **model; /* owned */
    size_t models, model_found;
    struct trace_left_out left_out;
    struct trace_request *held; /* of one moment, their blocks owned; the first of the next … */
    size_t count, next;         /* … stands behind them where has_ahead */
    int64_t held_ns, ahead_ns;
    bool has_ahead;
    size_t blocks; /* of those held */
    size_t spread; /* requests that are, so far */
};

static enum trace_read refuse(const struct trace *trace, struct error *error, const char *sentence)
{
    error_set(error, "%s:%zu: %s", trace->path, trace->line.number, sentence);
    return TRACE_FAULT;
}

/* --- Lines ------------------------------------------------------------------------------------ */

/* Whether the line comes at or behind the moment of the one above. */
static bool is_in_order(struct trace *trace, struct error *error)
{
    const struct trace_line *line = &trace->line;

    if (trace->begun && line->at_ns < trace->before_ns)
        return error_set(error,
                         "%s:%zu: its moment is %.9g s before that of line %zu; sort the file by "
                         "time",
                         trace->path, line->number,
                         (double)(trace->before_ns - line->at_ns) / CLOCK_NS_PER_S,
                         trace->before_number);
    if (!trace->begun)
        trace->first_ns = line->at_ns;
    trace->begun = true;
    trace->before_ns = line->at_ns;
    trace->before_number = line->number;
    return true;
}

static size_t find_model(struct trace *trace, const char *name)
{
    if (trace->model_found < trace->models && strcmp(trace->model[trace->model_found], name) == 0)
        return trace->model_found;
    for (size_t i = 0; i < trace->models; i++) {
        if (strcmp(trace->model[i], name) == 0)
            return trace->model_found = i;
    }
    if (trace->models == MODELS_MOST)
        return SIZE_MAX;
    trace->model = memory_grow(trace->model, trace->models, sizeof *trace->model);
    trace->model[trace->models] = memory_text(name);
    return trace->model_found = trace->models++;
}

/* Whether the line is one to send. */
static bool is_wanted(struct trace *trace)
{
    if (trace->line.output_tokens == 0)
        trace->left_out.failed++;
    else if (trace->line.input_tokens == 0)
        trace->left_out.empty++;
    return trace->line.output_tokens > 0 && trace->line.input_tokens > 0;
}

/* Reads on to the next line that is to be sent. */
static enum trace_read read_line(struct trace *trace, struct error *error)
{
    do {
        enum trace_text_read read = trace_text_next(&trace->text, error);

        if (read == TRACE_TEXT_FAULT)
            return TRACE_FAULT;
        if (read == TRACE_TEXT_END)
            return TRACE_END;
        if (!trace_parser_read(&trace->parser, &trace->text, &trace->line, error) ||
            !is_in_order(trace, error))
            return TRACE_FAULT;
    } while (!is_wanted(trace));
    return TRACE_REQUEST;
}

/* --- Requests of one moment ------------------------------------------------------------------- */

/* Puts the line read last behind those that are held; its blocks go along. */
static enum trace_read hold(struct trace *trace, struct error *error)
{
    struct trace_line *line = &trace->line;
    struct trace_request request = {.line = line->number,
                                    .model = TRACE_NO_MODEL,
                                    .input_tokens = line->input_tokens,
                                    .output_tokens = line->output_tokens,
                                    .has_session = line->has_session,
                                    .session = line->session,
                                    .turn = line->turn,
                                    .block = line->block,
                                    .blocks = line->blocks};

    if (line->model.length > 0)
        request.model = find_model(trace, line->model.bytes);
    if (request.model == SIZE_MAX && line->model.length > 0)
        return refuse(trace, error, "names more than 1000 models; is it the right column?");
    trace->held = memory_grow(trace->held, trace->count, sizeof *trace->held);
    trace->held[trace->count++] = request;
    trace->blocks += line->blocks;
    line->block = NULL;
    line->blocks_room = 0;
    return TRACE_REQUEST;
}

static bool is_whole_second(int64_t ns)
{
    return ns % CLOCK_NS_PER_S == 0;
}

/* Frees what was held, all but the first of the next moment. */
static void let_go(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        free(trace->held[i].block);
    trace->count = trace->next = trace->blocks = 0;
}

/* Holds the request that was read ahead, or the next one. */
static enum trace_read hold_first(struct trace *trace, struct error *error)
{
    enum trace_read read = trace->has_ahead ? TRACE_REQUEST : read_line(trace, error);

    let_go(trace);
    trace->has_ahead = false;
    if (read != TRACE_REQUEST)
        return read;
    trace->held_ns = trace->line.at_ns;
    return hold(trace, error);
}

/* Holds all requests of the next whole second, so that they can be spread; of any other moment,
 * one. */
static enum trace_read fill(struct trace *trace, struct error *error)
{
    enum trace_read read = hold_first(trace, error);

    while (read == TRACE_REQUEST && trace->parser.format->spreads &&
           is_whole_second(trace->held_ns) && !trace->has_ahead) {
        read = read_line(trace, error);
        trace->has_ahead = read == TRACE_REQUEST && trace->line.at_ns > trace->held_ns;
        if (read == TRACE_REQUEST && !trace->has_ahead)
            read = hold(trace, error);
        if (trace->count > SECOND_MOST || trace->blocks > SECOND_BLOCKS_MOST)
            return refuse(trace, error,
                          "is one of more than 200000 requests, or 4000000 blocks, of one second; "
                          "give moments in parts of a second");
    }
    trace->spread += trace->count > 1 ? trace->count : 0;
    return read == TRACE_END && trace->count > 0 ? TRACE_REQUEST : read;
}

/* Of the request at `index` of those held. */
static double moment(const struct trace *trace, size_t index)
{
    double at_s = (double)(trace->held_ns - trace->first_ns) / CLOCK_NS_PER_S, over_s = 1;

    if (trace->has_ahead)
        over_s = fmin(1, (double)(trace->line.at_ns - trace->held_ns) / CLOCK_NS_PER_S);
    return at_s + over_s * (double)index / (double)trace->count;
}

/* --- The trace -------------------------------------------------------------------------------- */

struct trace *trace_open(const char *path, const struct trace_window *window, struct error *error)
{
    struct trace *trace = memory_new(1, sizeof *trace);
    enum trace_text_read read = TRACE_TEXT_FAULT;

    *trace = (struct trace){.path = memory_text(path), .window = *window};
    if (trace_text_open(&trace->text, trace->path, error))
        read = trace_text_next(&trace->text, error);
    if (read == TRACE_TEXT_END)
        error_set(error, "%s: is empty; a trace has one request on each line", path);
    if (read != TRACE_TEXT_LINE ||
        !trace_parser_begin(&trace->parser, trace->path, &trace->text, error)) {
        trace_close(trace);
        return NULL;
    }
    if (trace->parser.format->json)
        trace_text_again(&trace->text);
    return trace;
}

enum trace_read trace_next(struct trace *trace, struct trace_request *request, struct error *error)
{
    const struct trace_window *window = &trace->window;

    for (;;) {
        enum trace_read read = trace->next < trace->count ? TRACE_REQUEST : fill(trace, error);
        double at_s;

        if (read != TRACE_REQUEST)
            return read;
        at_s = moment(trace, trace->next) - window->from_s;
        if (window->for_s > 0 && at_s >= window->for_s)
            return TRACE_END;
        *request = trace->held[trace->next++];
        request->at_s = at_s / (window->speed > 0 ? window->speed : 1);
        if (at_s >= 0)
            return read;
        trace->left_out.before++;
    }
}

const char *trace_format(const struct trace *trace)
{
    return trace->parser.format->name;
}

size_t trace_spread(const struct trace *trace)
{
    return trace->spread;
}

size_t trace_models(const struct trace *trace)
{
    return trace->models;
}

const char *trace_model(const struct trace *trace, size_t index)
{
    return trace->model[index];
}

struct trace_left_out trace_left_out(const struct trace *trace)
{
    return trace->left_out;
}

void trace_close(struct trace *trace)
{
    if (!trace)
        return;
    let_go(trace);
    for (size_t i = 0; i < trace->models; i++)
        free(trace->model[i]);
    free(trace->model);
    free(trace->held);
    trace_line_clear(&trace->line);
    trace_parser_clear(&trace->parser);
    trace_text_clear(&trace->text);
    free(trace->path);
    free(trace);
}
