#include "export/llmperf_figures.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"
#include "stats/retries.h"
#include "store/responses.h"

const char *const llmperf_metric_names[LLMPERF_METRICS] = {
    [LLMPERF_INTER_TOKEN] = "inter_token_latency_s",
    [LLMPERF_TTFT] = "ttft_s",
    [LLMPERF_END_TO_END] = "end_to_end_latency_s",
    [LLMPERF_OUTPUT_THROUGHPUT] = "request_output_throughput_token_per_s",
    [LLMPERF_INPUT_TOKENS] = "number_input_tokens",
    [LLMPERF_OUTPUT_TOKENS] = "number_output_tokens",
};

/* Those that both programs take alike. */
static const enum metric alike[LLMPERF_METRICS] = {
    [LLMPERF_INTER_TOKEN] = METRIC_COUNT,
    [LLMPERF_TTFT] = METRIC_CLIENT_TTFT_S,
    [LLMPERF_END_TO_END] = METRIC_CLIENT_END_TO_END_LATENCY_S,
    [LLMPERF_OUTPUT_THROUGHPUT] = METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S,
    [LLMPERF_INPUT_TOKENS] = METRIC_NUMBER_INPUT_TOKENS,
    [LLMPERF_OUTPUT_TOKENS] = METRIC_NUMBER_OUTPUT_TOKENS,
};

/* Older runs and the kit have no figure of their own for output ÷ end-to-end. */
static struct llmperf_request request_of(const struct response *response)
{
    const double *value = response->outcome.figures.value;
    struct llmperf_request request = {.total_tokens = value[METRIC_NUMBER_TOTAL_TOKENS]};
    double output = value[METRIC_NUMBER_OUTPUT_TOKENS];
    double latency_s = value[METRIC_CLIENT_END_TO_END_LATENCY_S];

    for (int i = 0; i < LLMPERF_METRICS; i++)
        request.value[i] = alike[i] == METRIC_COUNT ? NAN : value[alike[i]];
    if (response->outcome.end == REQUEST_COMPLETED)
        request.value[LLMPERF_INTER_TOKEN] = output > 0 ? response->chunks_s / output : 0;
    request.value[LLMPERF_OUTPUT_THROUGHPUT] = latency_s > 0 ? output / latency_s : NAN;
    return request;
}

static void mark_retried(struct outcome *outcomes, struct llmperf_figures *figures)
{
    retries_mark(outcomes, figures->requests);
    for (size_t i = 0; i < figures->requests; i++)
        figures->request[i].retried = outcomes[i].retried;
}

/* `outcomes`, which the caller frees, gets one for each request. */
static bool read_requests(const struct results *run, struct llmperf_figures *figures,
                          struct outcome **outcomes, struct error *error)
{
    struct response_reader *reader =
        response_reader_open(run->folder, figures->step->name, STEP_LOAD, error);
    struct error fault = {.text = ""};
    struct response response;

    if (!reader)
        return false;
    while (response_reader_next(reader, &response, &fault)) {
        size_t at = figures->requests++;

        *outcomes = memory_grow(*outcomes, at, sizeof **outcomes);
        figures->request = memory_grow(figures->request, at, sizeof *figures->request);
        (*outcomes)[at] = response.outcome;
        figures->request[at] = request_of(&response);
    }
    response_reader_close(reader);
    return !fault.text[0] || error_set(error, "%s", fault.text);
}

static void sum_up(const struct outcome *outcomes, struct llmperf_figures *figures)
{
    double *values = memory_new(figures->requests, sizeof *values);

    for (int i = 0; i < LLMPERF_METRICS; i++) {
        size_t count = 0;

        for (size_t k = 0; k < figures->requests; k++) {
            double value = figures->request[k].value[i];

            if (outcomes[k].end == REQUEST_COMPLETED && !isnan(value))
                values[count++] = value;
        }
        figures->metric[i] = quantile_summary(values, count);
    }
    free(values);
}

static void take_summary(struct llmperf_figures *figures)
{
    for (int i = 0; i < LLMPERF_METRICS; i++) {
        if (alike[i] != METRIC_COUNT)
            figures->metric[i] = figures->step->metric[alike[i]];
    }
}

bool llmperf_figures_read(const struct results *run, const struct step *step,
                          struct llmperf_figures *figures, struct error *error)
{
    struct outcome *outcomes = NULL;
    bool done = true;

    *figures = (struct llmperf_figures){
        .step = step, .has_responses = responses_are_there(run->folder, step->name, STEP_LOAD)};
    if (!figures->has_responses) {
        take_summary(figures);
        return true;
    }
    done = read_requests(run, figures, &outcomes, error);
    mark_retried(outcomes, figures);
    if (done)
        sum_up(outcomes, figures);
    free(outcomes);
    return done;
}

void llmperf_figures_clear(struct llmperf_figures *figures)
{
    free(figures->request);
    *figures = (struct llmperf_figures){0};
}
