#include "traffic/census.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

static const double width_least_s = 0.001;

/* --- Time ------------------------------------------------------------------------------------- */

static void double_width(struct census_time *time)
{
    for (size_t i = 0; i < CENSUS_PARTS / 2; i++)
        time->requests[i] = time->requests[2 * i] + time->requests[2 * i + 1];
    for (size_t i = CENSUS_PARTS / 2; i < CENSUS_PARTS; i++)
        time->requests[i] = 0;
    time->width_s *= 2;
}

static void add_time(struct census_time *time, double at_s)
{
    if (time->width_s == 0)
        time->width_s = width_least_s;
    while (at_s >= CENSUS_PARTS * time->width_s)
        double_width(time);
    time->parts = (size_t)(at_s / time->width_s) + 1;
    time->requests[time->parts - 1]++;
}

/* --- Requests --------------------------------------------------------------------------------- */

static int64_t length_of(const struct trace_request *request)
{
    return request->input_tokens + request->output_tokens;
}

static void add_model(struct census *census, const struct trace *trace,
                      const struct trace_request *request)
{
    struct census_model *model;

    if (request->model == TRACE_NO_MODEL)
        return;
    while (census->models <= request->model) { /* the trace numbers them as they come */
        census->model = memory_grow(census->model, census->models, sizeof *census->model);
        census->model[census->models] = (struct census_model){
            .name = memory_text(trace_model(trace, census->models)), .first_line = request->line};
        census->models++;
    }
    model = &census->model[request->model];
    model->requests++;
    model->input_tokens += (double)request->input_tokens;
    model->output_tokens += (double)request->output_tokens;
    if (length_of(request) > model->longest)
        model->longest = length_of(request);
}

static void add_sessions(struct census *census, const struct trace_request *request)
{
    if (request->has_session) {
        census->in_sessions++;
        id_set_add(&census->sessions, request->session);
    }
    if (request->turn > census->turns_most)
        census->turns_most = request->turn;
}

static void add_blocks(struct census *census, const struct trace_request *request)
{
    census->with_blocks += request->blocks > 0;
    census->blocks += request->blocks;
    for (size_t i = 0; i < request->blocks; i++)
        census->blocks_seen += !id_set_add(&census->block, request->block[i]);
}

static void add(struct census *census, const struct trace *trace,
                const struct trace_request *request, double *before_s)
{
    double gap = census->requests > 0 ? request->at_s - *before_s : 0;

    if (census->requests == 0)
        census->first_s = request->at_s;
    census->last_s = request->at_s;
    census->gap_sum += gap;
    census->gap_squares += gap * gap;
    *before_s = request->at_s;
    census->requests++;
    add_time(&census->time, request->at_s);
    token_counts_add(&census->input, request->input_tokens);
    token_counts_add(&census->output, request->output_tokens);
    if (length_of(request) > census->longest)
        census->longest = length_of(request);
    add_model(census, trace, request);
    add_sessions(census, request);
    add_blocks(census, request);
}

static bool check(const struct census *census, const char *path, struct error *error)
{
    const struct trace_left_out *out = &census->left_out;

    if (census->requests > 0)
        return true;
    return error_set(error,
                     "%s: no request is left to send: %zu without output, %zu without input, %zu "
                     "before the window; look at the file and at the window asked for",
                     path, out->failed, out->empty, out->before);
}

bool census_take(struct census *census, const char *path, const struct trace_window *window,
                 struct error *error)
{
    struct trace *trace = trace_open(path, window, error);
    struct trace_request request;
    enum trace_read read = TRACE_FAULT;
    double before_s = 0;

    *census = (struct census){0};
    if (!trace)
        return false;
    while ((read = trace_next(trace, &request, error)) == TRACE_REQUEST)
        add(census, trace, &request, &before_s);
    census->format = trace_format(trace);
    census->spread = trace_spread(trace);
    census->left_out = trace_left_out(trace);
    trace_close(trace);
    return read == TRACE_END && check(census, path, error);
}

/* --- Figures ---------------------------------------------------------------------------------- */

double census_span_s(const struct census *census)
{
    return census->last_s - census->first_s;
}

double census_rate(const struct census *census)
{
    double span_s = census_span_s(census);

    return span_s > 0 ? (double)(census->requests - 1) / span_s : NAN;
}

double census_part_rate(const struct census *census, size_t index)
{
    const struct census_time *time = &census->time;
    double covered_s = census->last_s - (double)index * time->width_s;

    covered_s = fmax(time->width_s / 2, fmin(time->width_s, covered_s));
    return (double)time->requests[index] / covered_s;
}

double census_peak_rate(const struct census *census)
{
    double most = 0;

    for (size_t i = 0; i < census->time.parts; i++)
        most = fmax(most, census_part_rate(census, i));
    return most;
}

double census_gap_variation(const struct census *census)
{
    double gaps = (double)census->requests - 1, mean = census->gap_sum / gaps;
    double variance = (census->gap_squares - gaps * mean * mean) / (gaps - 1);

    return 100 * census->spread > census->requests || gaps < 2 || mean <= 0
               ? NAN
               : sqrt(fmax(0, variance)) / mean;
}

void census_clear(struct census *census)
{
    for (size_t i = 0; i < census->models; i++)
        free(census->model[i].name);
    free(census->model);
    token_counts_clear(&census->input);
    token_counts_clear(&census->output);
    id_set_clear(&census->sessions);
    id_set_clear(&census->block);
    *census = (struct census){0};
}
