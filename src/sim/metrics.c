#include "sim/metrics.h"

#include <inttypes.h>

#include "core/clock.h"

static const double bounds[METRICS_BOUNDS] = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08,
                                              0.1,   0.25,  0.5,  0.75, 1,    2.5,  5,
                                              7.5,   10,    20,   40,   80,   160};

static void observe(struct metrics_histogram *histogram, double value)
{
    histogram->sum += value;
    histogram->count++;
    for (int i = 0; i < METRICS_BOUNDS; i++)
        histogram->below[i] += value <= bounds[i];
}

void metrics_note_arrival(struct metrics *metrics)
{
    metrics->waiting++;
}

void metrics_note_start(struct metrics *metrics, const struct sim_response *response)
{
    const struct node_request *request = &response->request;

    metrics->waiting--;
    metrics->running++;
    metrics->prompt_tokens += request->prompt_tokens;
    metrics->cached_tokens += request->cached_tokens;
    observe(&metrics->queue, clock_seconds(request->arrived_ns, request->batch->started_ns));
    observe(&metrics->prefill, request->batch->prefill_s);
}

void metrics_note_tokens(struct metrics *metrics, const struct sim_response *response,
                         int64_t first, int64_t before_ns, int64_t now_ns)
{
    int64_t tokens = response->sent_tokens - first;

    if (tokens <= 0)
        return;
    metrics->generated_tokens += tokens;
    if (first == 0)
        observe(&metrics->ttft, clock_seconds(response->arrived_ns, now_ns));
    else
        observe(&metrics->gap, clock_seconds(before_ns, now_ns));
}

void metrics_note_end(struct metrics *metrics, const struct sim_response *response, int64_t now_ns)
{
    if (response->request.batch)
        metrics->running--;
    else
        metrics->waiting--;
    if (!response->ended)
        return;
    metrics->responses++;
    observe(&metrics->end_to_end, clock_seconds(response->arrived_ns, now_ns));
}

/* --- The text --------------------------------------------------------------------------------- */

/* The labels that all samples have, without braces. */
static void add_labels(const struct node_file *file, struct text *labels)
{
    text_add_string(labels, "engine=\"0\",model_name=");
    text_add_json(labels, bundle_expert(&file->bundle, 0)->name);
}

static void add_value(struct text *text, const char *name, const char *type, const char *labels,
                      double value)
{
    text_printf(text, "# TYPE vllm:%s %s\nvllm:%s{%s} ", name, type, name, labels);
    text_add_number(text, value);
    text_add_char(text, '\n');
}

static void add_histogram(struct text *text, const char *name, const char *labels,
                          const struct metrics_histogram *histogram)
{
    text_printf(text, "# TYPE vllm:%s histogram\n", name);
    for (int i = 0; i < METRICS_BOUNDS; i++)
        text_printf(text, "vllm:%s_bucket{%s,le=\"%g\"} %" PRId64 "\n", name, labels, bounds[i],
                    histogram->below[i]);
    text_printf(text, "vllm:%s_bucket{%s,le=\"+Inf\"} %" PRId64 "\n", name, labels,
                histogram->count);
    text_printf(text, "vllm:%s_count{%s} %" PRId64 "\nvllm:%s_sum{%s} ", name, labels,
                histogram->count, name, labels);
    text_add_number(text, histogram->sum);
    text_add_char(text, '\n');
}

void metrics_add(const struct metrics *metrics, const struct node_file *file, struct text *text)
{
    struct text labels = {0};

    add_labels(file, &labels);
    add_value(text, "num_requests_running", "gauge", labels.bytes, (double)metrics->running);
    add_value(text, "num_requests_waiting", "gauge", labels.bytes, (double)metrics->waiting);
    add_value(text, "prefix_cache_queries_total", "counter", labels.bytes,
              (double)metrics->prompt_tokens);
    add_value(text, "prefix_cache_hits_total", "counter", labels.bytes,
              (double)metrics->cached_tokens);
    add_value(text, "prompt_tokens_total", "counter", labels.bytes, (double)metrics->prompt_tokens);
    add_value(text, "generation_tokens_total", "counter", labels.bytes,
              (double)metrics->generated_tokens);
    add_value(text, "request_success_total", "counter", labels.bytes, (double)metrics->responses);
    add_histogram(text, "time_to_first_token_seconds", labels.bytes, &metrics->ttft);
    add_histogram(text, "request_queue_time_seconds", labels.bytes, &metrics->queue);
    add_histogram(text, "request_prefill_time_seconds", labels.bytes, &metrics->prefill);
    add_histogram(text, "inter_token_latency_seconds", labels.bytes, &metrics->gap);
    add_histogram(text, "e2e_request_latency_seconds", labels.bytes, &metrics->end_to_end);
    text_clear(&labels);
}
