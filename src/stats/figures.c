#include "stats/figures.h"

#include <math.h>

#include "core/clock.h"
#include "stats/bounds.h"

/* A client that reads late finds chunks in one read that came one by one. */
static const int64_t one_moment_ns = CLOCK_NS_PER_S / 1000;

int64_t figures_first_token_ns(const struct request *request)
{
    if (request->first_token_without_text)
        return request->finish_ns;
    if (request->first_reasoning_ns == CLOCK_NEVER)
        return request->first_content_ns;
    if (request->first_content_ns == CLOCK_NEVER ||
        request->first_reasoning_ns < request->first_content_ns)
        return request->first_reasoning_ns;
    return request->first_content_ns;
}

static double known_or(double value, double other)
{
    return isnan(value) ? other : value;
}

static void take_server_figures(const struct usage *usage, double *value)
{
    value[METRIC_SERVER_TTFT_S] = usage->ttft_s;
    value[METRIC_SERVER_END_TO_END_LATENCY_S] = usage->end_to_end_latency_s;
    value[METRIC_SERVER_OUTPUT_TOKEN_PER_S] = usage->output_token_per_s;
    value[METRIC_SERVER_OUTPUT_TOKEN_FIRST_TEN_PER_S] = usage->output_token_first_ten_per_s;
    value[METRIC_SERVER_NUMBER_INPUT_TOKENS] = usage->input_tokens;
    value[METRIC_SERVER_NUMBER_OUTPUT_TOKENS] = usage->output_tokens;
    value[METRIC_SERVER_NUMBER_TOTAL_TOKENS] = usage->total_tokens;
    value[METRIC_SERVER_TOTAL_TOKENS_PER_S] = known_or(
        usage->total_tokens_per_s,
        usage->end_to_end_latency_s > 0 ? usage->total_tokens / usage->end_to_end_latency_s : NAN);
    value[METRIC_ACCEPTANCE_RATE] = usage->acceptance_rate;
    value[METRIC_BATCH_SIZE_USED] = usage->batch_size_used;
    value[METRIC_CACHED_TOKENS] = usage->cached_tokens;
    value[METRIC_SERVER_PROMPT_S] = usage->prompt_s;
    value[METRIC_SERVER_LOAD_S] = usage->load_s;
}

/* NAN where the prompt's length is its own. */
static double asked_input(const struct request *request)
{
    return request->asked.input_tokens > 0 ? (double)request->asked.input_tokens : NAN;
}

bool figures_reasoning_apart(const struct usage *usage)
{
    return usage->reasoning_tokens > 0 && usage->total_tokens == usage->input_tokens +
                                                                     usage->output_tokens +
                                                                     usage->reasoning_tokens;
}

static double counted_output(const struct usage *usage)
{
    return usage->output_tokens + (figures_reasoning_apart(usage) ? usage->reasoning_tokens : 0);
}

static void count_tokens(const struct request *request, double *value)
{
    double input = known_or(request->usage.input_tokens, asked_input(request));
    double seen = request->non_streaming ? NAN : (double)request->chunk_count;
    double output = known_or(counted_output(&request->usage), seen);

    value[METRIC_NUMBER_INPUT_TOKENS] = input;
    value[METRIC_NUMBER_OUTPUT_TOKENS] = output;
    value[METRIC_NUMBER_TOTAL_TOKENS] = known_or(request->usage.total_tokens, input + output);
}

static void take_moments(const struct request *request, enum latency_start start, double *value)
{
    int64_t sent = request->sent_ns;
    int64_t intended = request->intended_ns;
    int64_t from = start == LATENCY_FROM_INTENDED ? intended : sent;
    int64_t first_token = figures_first_token_ns(request);
    int64_t done = request->sent_ns == CLOCK_NEVER ? CLOCK_NEVER : request->done_ns;

    value[METRIC_CLIENT_TTFT_S] = clock_seconds(from, first_token);
    value[METRIC_CLIENT_TTFT_CONTENT_S] = clock_seconds(
        from, request->first_token_without_text ? first_token : request->first_content_ns);
    value[METRIC_CLIENT_END_TO_END_LATENCY_S] = clock_seconds(from, done);
    value[METRIC_CLIENT_BODY_END_S] =
        sent == CLOCK_NEVER ? NAN : clock_seconds(from, request->body_end_ns);
    value[METRIC_CLIENT_TTFT_FROM_SENT_S] = clock_seconds(sent, first_token);
    value[METRIC_CLIENT_TTFT_FROM_INTENDED_S] = clock_seconds(intended, first_token);
    value[METRIC_CLIENT_END_TO_END_LATENCY_FROM_SENT_S] = clock_seconds(sent, done);
    value[METRIC_CLIENT_END_TO_END_LATENCY_FROM_INTENDED_S] = clock_seconds(intended, done);
    value[METRIC_CLIENT_HELD_S] = clock_seconds(intended, request->let_go_ns);
    value[METRIC_CLIENT_SCHEDULE_DELAY_S] =
        clock_seconds(request->let_go_ns == CLOCK_NEVER ? intended : request->let_go_ns, sent);
    value[METRIC_CLIENT_CONNECT_S] =
        request->new_connection ? clock_seconds(request->started_ns, sent) : 0;
    value[METRIC_CLIENT_TIME_TO_FIRST_BYTE_S] = clock_seconds(sent, request->first_byte_ns);
}

/* Whether the chunks came at one moment, so that nothing was seen of how fast they were made. */
static bool came_at_once(const struct request *request)
{
    return request->chunk_count < 2 ||
           request->chunks[0].arrival_ns == request->chunks[request->chunk_count - 1].arrival_ns;
}

/* Of moments that are known within bounds; a mean that these do not tell is not known. */
static void compute_gap(const struct request *request, double *value)
{
    const struct chunk *first = request->chunks, *last = first + request->chunk_count - 1;
    double gaps = (double)(request->chunk_count - 1);
    double low =
        clock_seconds(first->arrival_ns + first->late_ns, last->arrival_ns - last->early_ns);
    double high =
        clock_seconds(first->arrival_ns - first->early_ns, last->arrival_ns + last->late_ns);

    low = fmax(low, 0) / gaps;
    high /= gaps;
    value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S] = low;
    value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S] = high;
    if (bounds_agree(low, high))
        value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S] =
            clock_seconds(first->arrival_ns, last->arrival_ns) / gaps;
}

static void compute_rates(const struct request *request, double *value)
{
    double ttft = value[METRIC_CLIENT_TTFT_S];
    double latency = value[METRIC_CLIENT_END_TO_END_LATENCY_S];
    double output = value[METRIC_NUMBER_OUTPUT_TOKENS];
    double generating = came_at_once(request) ? latency : latency - ttft;

    if (request->chunk_count == 0 && !request->non_streaming && !request->first_token_without_text)
        return; /* asked tokens over the time of a refusal would be no speed */
    if (generating > 0)
        value[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = output / generating;
    if (latency > 0) {
        value[METRIC_CLIENT_TOTAL_TOKENS_PER_S] = value[METRIC_NUMBER_TOTAL_TOKENS] / latency;
        value[METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S] = output / latency;
    }
    if (output > 1 && !request->first_token_without_text)
        value[METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S] = (latency - ttft) / (output - 1);
    if (request->chunk_count > 1)
        compute_gap(request, value);
}

bool figures_came_in_one_read(const struct request *request, const struct figures *figures)
{
    const struct chunk *chunk = request->chunks;

    for (size_t i = 1; i < request->chunk_count; i++) {
        if (!chunk[i].coalesced)
            return false;
    }
    return request->chunk_count > 0 &&
           chunk[request->chunk_count - 1].arrival_ns - chunk[0].arrival_ns <= one_moment_ns &&
           figures->value[METRIC_NUMBER_OUTPUT_TOKENS] >= FIGURES_AT_ONCE_TOKENS;
}

struct figures figures_of(const struct request *request, enum latency_start start)
{
    struct figures figures;

    for (int i = 0; i < METRIC_COUNT; i++)
        figures.value[i] = NAN;
    take_server_figures(&request->usage, figures.value);
    count_tokens(request, figures.value);
    take_moments(request, start, figures.value);
    compute_rates(request, figures.value);
    return figures;
}
