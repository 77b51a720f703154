#include "record/row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

const char *const row_distribution_names[] = {"constant", "uniform", "exponential",
                                              "gamma",    "trace",   NULL};
const char *const row_ramp_names[] = {"linear", "exponential", NULL};
const char *const row_image_names[] = {"", "small", "medium", "large", NULL};

void row_clear(struct row *row)
{
    free(row->model_name);
    free(row->dataset);
    free(row->mix);
    free(row->trace);
    *row = (struct row){0};
}

struct row row_copy(const struct row *row)
{
    struct row copy = *row;

    copy.model_name = memory_text(row->model_name);
    copy.dataset = row->dataset ? memory_text(row->dataset) : NULL;
    copy.mix = row->mix ? memory_text(row->mix) : NULL;
    copy.trace = row->trace ? memory_text(row->trace) : NULL;
    return copy;
}

bool row_has_sessions(const struct row *row)
{
    return row->turns > 1;
}

int64_t row_turns(const struct row *row)
{
    return row->turns > 1 ? row->turns : 1;
}

int64_t row_requests_of(const struct row *row, int64_t sessions)
{
    if (!row_has_sessions(row))
        return sessions;
    return row->turns_mean > 0 ? llround((double)sessions * row->turns_mean)
                               : sessions * row->turns;
}

int64_t row_tokens_most(const struct row *row)
{
    int64_t later = row->trace ? 0 : row_turns(row) - 1; /* whose lines are as long as they say */
    int64_t text = row->dataset ? row->input_tokens : row->turn_input_tokens;

    return row->input_tokens + row->output_tokens + later * (text + row->output_tokens);
}

bool row_is_studied(const struct row *row)
{
    return !row->warmup && !row->mix;
}

bool row_same_mix(const struct row *a, const struct row *b)
{
    return a->mix && b->mix && strcmp(a->mix, b->mix) == 0;
}

int64_t row_counted_most(const struct row *row)
{
    return row->num_requests > 0 || !(row->duration_s > 0) ? row->num_requests : ROW_REQUESTS_MOST;
}

int64_t row_requests_most(const struct row *row)
{
    return row->warmup_requests + row_counted_most(row) + row->cooldown_requests;
}

double row_mean_qps(const struct row *row)
{
    if (!(row->qps_end > 0) || row->qps_end == row->qps)
        return row->qps;
    return row->qps_ramp == ROW_RAMP_LINEAR
               ? (row->qps + row->qps_end) / 2
               : (row->qps_end - row->qps) / log(row->qps_end / row->qps);
}

void row_forget_pacing(struct row *row)
{
    row->qps = row->qps_end = row->burstiness = 0;
    row->qps_distribution = ROW_CONSTANT;
    row->qps_ramp = ROW_RAMP_LINEAR;
    row->max_in_flight = 0;
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* How an open loop's sends are spaced. */
static int compare_shape(const struct row *a, const struct row *b)
{
    int order = (int)a->qps_distribution - (int)b->qps_distribution;

    order = order ? order : compare_numbers(a->burstiness, b->burstiness);
    order = order ? order : compare_numbers(a->qps_end, b->qps_end);
    order = order ? order : (int)a->qps_ramp - (int)b->qps_ramp;
    return order ? order : compare_numbers((double)a->max_in_flight, (double)b->max_in_flight);
}

/* How a row's requests are sent, and how many. */
static int compare_load(const struct row *a, const struct row *b)
{
    int order = 0;

    if (a->share == 0 || b->share == 0) /* how many a member draws is not asked for */
        order = compare_numbers((double)a->num_requests, (double)b->num_requests);
    order = order ? order : compare_numbers(a->duration_s, b->duration_s);
    order = order ? order : compare_numbers((double)a->warmup_requests, (double)b->warmup_requests);
    order =
        order ? order : compare_numbers((double)a->cooldown_requests, (double)b->cooldown_requests);
    order = order ? order
                  : compare_numbers((double)a->concurrent_requests, (double)b->concurrent_requests);
    order = order ? order : compare_numbers(a->qps, b->qps);
    return order ? order : compare_shape(a, b);
}

/* How the row runs together with others, and what its requests come from. */
static int compare_mix(const struct row *a, const struct row *b)
{
    int order = strcmp(a->mix ? a->mix : "", b->mix ? b->mix : "");

    order = order ? order : compare_numbers(a->share, b->share);
    order = order ? order : compare_numbers((double)a->mix_requests, (double)b->mix_requests);
    order = order ? order : strcmp(a->trace ? a->trace : "", b->trace ? b->trace : "");
    order = order ? order : compare_numbers(a->trace_speed, b->trace_speed);
    order = order ? order : compare_numbers(a->trace_from_s, b->trace_from_s);
    return order ? order : compare_numbers(a->trace_for_s, b->trace_for_s);
}

/* What its requests say besides a text of their own, and how they follow each other. */
static int compare_sessions(const struct row *a, const struct row *b)
{
    int order = compare_numbers((double)a->prefix_tokens, (double)b->prefix_tokens);

    order = order ? order : compare_numbers((double)row_turns(a), (double)row_turns(b));
    order =
        order ? order : compare_numbers((double)a->turn_input_tokens, (double)b->turn_input_tokens);
    return order ? order : compare_numbers(a->think_time_s, b->think_time_s);
}

int row_compare(const struct row *a, const struct row *b)
{
    int order = strcmp(a->model_name, b->model_name);

    order = order ? order : compare_numbers((double)a->input_tokens, (double)b->input_tokens);
    order = order ? order : compare_numbers((double)a->output_tokens, (double)b->output_tokens);
    order = order ? order : strcmp(a->dataset ? a->dataset : "", b->dataset ? b->dataset : "");
    order = order ? order : compare_numbers(a->stddev_input_tokens, b->stddev_input_tokens);
    order = order ? order : compare_numbers(a->stddev_output_tokens, b->stddev_output_tokens);
    order = order ? order : compare_load(a, b);
    order = order ? order : compare_mix(a, b);
    order = order ? order : compare_sessions(a, b);
    return order ? order : (int)a->multimodal_img_size - (int)b->multimodal_img_size;
}
