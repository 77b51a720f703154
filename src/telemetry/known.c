#include "telemetry/known.h"

#include <string.h>

const char *const quantity_names[QUANTITIES] = {
    [QUANTITY_RUNNING] = "server_running",
    [QUANTITY_WAITING] = "server_waiting",
    [QUANTITY_KV_CACHE_SHARE] = "server_kv_cache_share",
    [QUANTITY_GPU_BUSY_SHARE] = "server_gpu_busy_share",
    [QUANTITY_GPU_POWER_W] = "server_gpu_power_w",
    [QUANTITY_GPU_MEMORY_GB] = "server_gpu_memory_gb",
    [QUANTITY_MEMORY_GB] = "server_memory_gb",
    [QUANTITY_PREFIX_HIT_SHARE] = "server_prefix_hit_share",
    [QUANTITY_PREFIX_HITS] = "server_prefix_hit_share",
    [QUANTITY_PREFIX_QUERIES] = "server_prefix_hit_share",
    [QUANTITY_PREEMPTIONS] = "server_preemptions",
    [QUANTITY_PROMPT_TOKENS] = "server_prompt_tokens_per_s",
    [QUANTITY_GENERATED_TOKENS] = "server_generated_tokens_per_s",
    [QUANTITY_CPU_S] = "server_cpu_cores",
    [QUANTITY_TTFT_S] = "server_histogram_ttft_s",
    [QUANTITY_QUEUE_TIME_S] = "server_queue_time_s",
    [QUANTITY_PREFILL_TIME_S] = "server_prefill_time_s",
    [QUANTITY_DECODE_TIME_S] = "server_decode_time_s",
    [QUANTITY_INTER_TOKEN_S] = "server_inter_token_s",
    [QUANTITY_END_TO_END_S] = "server_histogram_end_to_end_s",
};

/* clang-format off */
const struct known_metric known_metrics[] = {
    {"vLLM", "vllm:num_requests_running", QUANTITY_RUNNING, 1, NULL, NULL},
    {"vLLM", "vllm:num_requests_waiting", QUANTITY_WAITING, 1, NULL, NULL},
    {"vLLM", "vllm:kv_cache_usage_perc", QUANTITY_KV_CACHE_SHARE, 1, NULL, NULL},
    {"vLLM", "vllm:gpu_cache_usage_perc", QUANTITY_KV_CACHE_SHARE, 1, NULL, NULL},
    {"vLLM", "vllm:prefix_cache_hits", QUANTITY_PREFIX_HITS, 1, NULL, NULL},
    {"vLLM", "vllm:prefix_cache_queries", QUANTITY_PREFIX_QUERIES, 1, NULL, NULL},
    {"vLLM", "vllm:num_preemptions", QUANTITY_PREEMPTIONS, 1, NULL, NULL},
    {"vLLM", "vllm:prompt_tokens", QUANTITY_PROMPT_TOKENS, 1, NULL, NULL},
    {"vLLM", "vllm:generation_tokens", QUANTITY_GENERATED_TOKENS, 1, NULL, NULL},
    {"vLLM", "vllm:time_to_first_token_seconds", QUANTITY_TTFT_S, 1, NULL, NULL},
    {"vLLM", "vllm:request_queue_time_seconds", QUANTITY_QUEUE_TIME_S, 1, NULL, NULL},
    {"vLLM", "vllm:request_prefill_time_seconds", QUANTITY_PREFILL_TIME_S, 1, NULL, NULL},
    {"vLLM", "vllm:request_decode_time_seconds", QUANTITY_DECODE_TIME_S, 1, NULL, NULL},
    {"vLLM", "vllm:inter_token_latency_seconds", QUANTITY_INTER_TOKEN_S, 1, NULL, NULL},
    {"vLLM", "vllm:e2e_request_latency_seconds", QUANTITY_END_TO_END_S, 1, NULL, NULL},
    {"SGLang", "sglang:num_running_reqs", QUANTITY_RUNNING, 1, NULL, NULL},
    {"SGLang", "sglang:num_queue_reqs", QUANTITY_WAITING, 1, NULL, NULL},
    {"SGLang", "sglang:token_usage", QUANTITY_KV_CACHE_SHARE, 1, NULL, NULL},
    {"SGLang", "sglang:cache_hit_rate", QUANTITY_PREFIX_HIT_SHARE, 1, NULL, NULL},
    {"SGLang", "sglang:prompt_tokens", QUANTITY_PROMPT_TOKENS, 1, NULL, NULL},
    {"SGLang", "sglang:generation_tokens", QUANTITY_GENERATED_TOKENS, 1, NULL, NULL},
    {"SGLang", "sglang:time_to_first_token_seconds", QUANTITY_TTFT_S, 1, NULL, NULL},
    {"SGLang", "sglang:queue_time_seconds", QUANTITY_QUEUE_TIME_S, 1, NULL, NULL},
    {"SGLang", "sglang:inter_token_latency_seconds", QUANTITY_INTER_TOKEN_S, 1, NULL, NULL},
    {"SGLang", "sglang:e2e_request_latency_seconds", QUANTITY_END_TO_END_S, 1, NULL, NULL},
    {"TGI", "tgi_batch_current_size", QUANTITY_RUNNING, 1, NULL, NULL},
    {"TGI", "tgi_queue_size", QUANTITY_WAITING, 1, NULL, NULL},
    {"TGI", "tgi_request_queue_duration", QUANTITY_QUEUE_TIME_S, 1, NULL, NULL},
    {"TGI", "tgi_request_mean_time_per_token_duration", QUANTITY_INTER_TOKEN_S, 1, NULL, NULL},
    {"TGI", "tgi_request_duration", QUANTITY_END_TO_END_S, 1, NULL, NULL},
    {"llama.cpp", "llamacpp:requests_processing", QUANTITY_RUNNING, 1, NULL, NULL},
    {"llama.cpp", "llamacpp:requests_deferred", QUANTITY_WAITING, 1, NULL, NULL},
    {"llama.cpp", "llamacpp:kv_cache_usage_ratio", QUANTITY_KV_CACHE_SHARE, 1, NULL, NULL},
    {"llama.cpp", "llamacpp:prompt_tokens", QUANTITY_PROMPT_TOKENS, 1, NULL, NULL},
    {"llama.cpp", "llamacpp:tokens_predicted", QUANTITY_GENERATED_TOKENS, 1, NULL, NULL},
    {"Triton", "nv_inference_pending_request_count", QUANTITY_WAITING, 1, NULL, NULL},
    {"Triton", "nv_trt_llm_request_metrics", QUANTITY_RUNNING, 1, "request_type", "active"},
    {"Triton", "nv_trt_llm_request_metrics", QUANTITY_WAITING, 1, "request_type", "waiting"},
    {"Triton", "nv_trt_llm_kv_cache_block_metrics", QUANTITY_KV_CACHE_SHARE, 1, "kv_cache_block_type", "fraction"},
    {"Triton", "nv_gpu_utilization", QUANTITY_GPU_BUSY_SHARE, 1, NULL, NULL},
    {"Triton", "nv_gpu_power_usage", QUANTITY_GPU_POWER_W, 1, NULL, NULL},
    {"Triton", "nv_gpu_memory_used_bytes", QUANTITY_GPU_MEMORY_GB, 1e-9, NULL, NULL},
    {"Ray Serve", "ray_serve_replica_processing_queries", QUANTITY_RUNNING, 1, NULL, NULL},
    {"Ray Serve", "ray_serve_deployment_queued_queries", QUANTITY_WAITING, 1, NULL, NULL},
    {"Dynamo", "dynamo_frontend_inflight_requests", QUANTITY_RUNNING, 1, NULL, NULL},
    {"Dynamo", "dynamo_frontend_queued_requests", QUANTITY_WAITING, 1, NULL, NULL},
    {"Dynamo", "dynamo_frontend_time_to_first_token_seconds", QUANTITY_TTFT_S, 1, NULL, NULL},
    {"Dynamo", "dynamo_frontend_inter_token_latency_seconds", QUANTITY_INTER_TOKEN_S, 1, NULL, NULL},
    {"Dynamo", "dynamo_frontend_request_duration_seconds", QUANTITY_END_TO_END_S, 1, NULL, NULL},
    {"DCGM", "DCGM_FI_DEV_GPU_UTIL", QUANTITY_GPU_BUSY_SHARE, 0.01, NULL, NULL},
    {"DCGM", "DCGM_FI_DEV_POWER_USAGE", QUANTITY_GPU_POWER_W, 1, NULL, NULL},
    {"DCGM", "DCGM_FI_DEV_FB_USED", QUANTITY_GPU_MEMORY_GB, 1048576e-9, NULL, NULL},
    {"node_exporter", "node_cpu_seconds", QUANTITY_CPU_S, 1, "mode", "!idle"},
    {"node_exporter", "node_memory_MemTotal_bytes", QUANTITY_MEMORY_GB, 1e-9, NULL, NULL},
    {"node_exporter", "node_memory_MemAvailable_bytes", QUANTITY_MEMORY_GB, -1e-9, NULL, NULL},
    {0},
};
/* clang-format on */

/* The longest name of the table is shorter. */
enum { NAME_SIZE = 96 };

static bool cut_end(char *name, const char *end)
{
    size_t length = strlen(name), cut = strlen(end);

    if (length <= cut || strcmp(name + length - cut, end) != 0)
        return false;
    name[length - cut] = '\0';
    return true;
}

/* The name as the table has it, colons as "_". */
static bool plain_name(const char *name, char *plain)
{
    size_t length = strlen(name);

    if (length >= NAME_SIZE)
        return false;
    for (size_t i = 0; i <= length; i++)
        plain[i] = name[i] == ':' ? '_' : name[i];
    return true;
}

static bool same_name(const char *plain, const char *listed)
{
    for (; *listed; plain++, listed++) {
        if (*plain != (*listed == ':' ? '_' : *listed))
            return false;
    }
    return *plain == '\0';
}

static bool is_counted(const struct known_metric *known, const struct exposition_sample *sample)
{
    const char *value;

    if (!known->label)
        return true;
    value = exposition_label(sample, known->label);
    if (known->value[0] == '!')
        return value && strcmp(value, known->value + 1) != 0;
    return value && strcmp(value, known->value) == 0;
}

static const struct known_metric *find(const char *plain, const struct exposition_sample *sample)
{
    const char *behind = strncmp(plain, "ray_", 4) == 0 ? plain + 4 : NULL;

    for (const struct known_metric *known = known_metrics; known->name; known++) {
        if ((same_name(plain, known->name) || (behind && same_name(behind, known->name))) &&
            is_counted(known, sample))
            return known;
    }
    return NULL;
}

const struct known_metric *known_find(const struct exposition_sample *sample, enum known_part *part)
{
    char plain[NAME_SIZE];
    const struct known_metric *known;
    bool is_histogram;

    if (!plain_name(sample->name, plain))
        return NULL;
    *part = cut_end(plain, "_bucket")  ? KNOWN_BUCKET
            : cut_end(plain, "_sum")   ? KNOWN_SUM
            : cut_end(plain, "_count") ? KNOWN_COUNT
                                       : KNOWN_WHOLE;
    if (*part == KNOWN_WHOLE)
        cut_end(plain, "_total");
    known = find(plain, sample);
    is_histogram = known && known->quantity >= QUANTITY_COUNTERS;
    if (known && is_histogram == (*part != KNOWN_WHOLE))
        return known;
    *part = KNOWN_WHOLE; /* a gauge may be called a count: nv_inference_pending_request_count */
    plain_name(sample->name, plain);
    known = find(plain, sample);
    return known && known->quantity < QUANTITY_COUNTERS ? known : NULL;
}
