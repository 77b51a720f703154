/* What servers told over a step: their texts as they are, and figures computed by hand. */
#include "telemetry/window.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/text.h"
#include "support.h"

static void add(void *context, const struct exposition_sample *sample)
{
    reading_add(context, sample);
}

static void tell_at_edge(struct window *window, double at_s, const char *text, bool is_edge)
{
    struct exposition_counts counts = {0};
    struct reading reading;
    char *bytes = memory_text(text);

    reading_begin(&reading, clock_from_seconds(at_s));
    exposition_read(bytes, strlen(bytes), add, &reading, &counts);
    reading_end(&reading);
    assert_int_equal(counts.malformed, 0);
    window_take(window, &reading, is_edge);
    free(bytes);
}

static void tell(struct window *window, double at_s, const char *text)
{
    tell_at_edge(window, at_s, text, false);
}

static void assert_figure(const struct telemetry_figures *figures, const char *key, double expected)
{
    for (int i = 0; i < TELEMETRY_FIGURES; i++) {
        if (strcmp(telemetry_name[i].key, key) != 0)
            continue;
        if (isnan(expected) ? !isnan(figures->value[i])
                            : !(fabs(figures->value[i] - expected) < 1e-9))
            fail_msg("%s is %g, not %g", key, figures->value[i], expected);
        return;
    }
    fail_msg("no figure is called %s", key);
}

static void test_gauges_have_a_mean_and_a_most(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 1,
         "vllm:num_requests_running{engine=\"0\"} 2\n"
         "vllm:num_requests_running{engine=\"1\"} 3\n"
         "vllm:num_requests_waiting{engine=\"0\"} 0\n"
         "vllm:num_requests_waiting_by_reason{reason=\"capacity\"} 9\n"
         "vllm:kv_cache_usage_perc{engine=\"0\"} 0.2\n"
         "vllm:kv_cache_usage_perc{engine=\"1\"} 0.4\n");
    tell(&window, 2,
         "vllm:num_requests_running{engine=\"0\"} 1\n"
         "vllm:num_requests_running{engine=\"1\"} 0\n"
         "vllm:num_requests_waiting{engine=\"0\"} 4\n"
         "vllm:kv_cache_usage_perc{engine=\"0\"} 0.5\n"
         "vllm:kv_cache_usage_perc{engine=\"1\"} NaN\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_running_mean", 3);
    assert_figure(&figures, "server_running_max", 5);
    assert_figure(&figures, "server_waiting_mean", 2);
    assert_figure(&figures, "server_kv_cache_share_mean", 0.4);
    assert_figure(&figures, "server_kv_cache_share_max", 0.5);
    assert_figure(&figures, "server_gpu_power_w_mean", NAN);
}

static void test_gauges_at_the_edges_count_only_where_there_are_no_others(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell_at_edge(&window, 0, "tgi_batch_current_size 2\ntgi_queue_size 1\n", true);
    tell_at_edge(&window, 0, "tgi_batch_current_size 0\ntgi_queue_size 0\n", true);
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_running_mean", 1);
    tell(&window, 1, "tgi_batch_current_size 8\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_running_mean", 8);
    assert_figure(&figures, "server_running_max", 8);
    assert_figure(&figures, "server_waiting_mean", 0.5);
}

static void test_counters_grow_through_a_restart_and_leave_created_out(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 10,
         "vllm:generation_tokens_total 100\nvllm:generation_tokens_created 1.7e9\n"
         "vllm:prefix_cache_queries_total 1000\nvllm:prefix_cache_hits_total 100\n");
    tell(&window, 12,
         "vllm:generation_tokens_total 160\nvllm:generation_tokens_created 1.7e9\n"
         "vllm:prefix_cache_queries_total 1200\nvllm:prefix_cache_hits_total 150\n"
         "vllm:num_preemptions_total 2\n"); /* appears: it has counted from 0 */
    tell(&window, 14,
         "vllm:generation_tokens_total 40\nvllm:generation_tokens_created 1.8e9\n"
         "vllm:prefix_cache_queries_total 1400\nvllm:prefix_cache_hits_total 200\n"
         "vllm:num_preemptions_total 3\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_generated_tokens_per_s", 25); /* (60 + 40) by 4 s */
    assert_figure(&figures, "server_prefix_hit_share", 0.25);
    assert_figure(&figures, "server_preemptions", 3);
}

static void test_one_reading_gives_no_rate(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 10, "sglang:generation_tokens_total 100\nsglang:cache_hit_rate 0.3\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_generated_tokens_per_s", NAN);
    assert_figure(&figures, "server_prefix_hit_share", 0.3);
}

static const char *const first = "vllm:time_to_first_token_seconds_sum 5\n"
                                 "vllm:time_to_first_token_seconds_count 10\n"
                                 "vllm:time_to_first_token_seconds_created 1.7e9\n"
                                 "vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} 4\n"
                                 "vllm:time_to_first_token_seconds_bucket{le=\"0.5\"} 8\n"
                                 "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\"} 10\n";

static void test_histograms_have_a_mean_and_bounds_of_quantiles(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 0, first);
    tell(&window, 1,
         "vllm:time_to_first_token_seconds_sum 25\n"
         "vllm:time_to_first_token_seconds_count 110\n"
         "vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} 54\n"  /* 50 of 100 */
         "vllm:time_to_first_token_seconds_bucket{le=\"0.5\"} 106\n" /* 98 of 100 */
         "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\"} 110\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_histogram_ttft_s_count", 100);
    assert_figure(&figures, "server_histogram_ttft_s_mean", 0.2);
    assert_figure(&figures, "server_histogram_ttft_s_p50_low", 0);
    assert_figure(&figures, "server_histogram_ttft_s_p50_high", 0.1);
    assert_figure(&figures, "server_histogram_ttft_s_p99_low", 0.5);
    assert_figure(&figures, "server_histogram_ttft_s_p99_high", NAN); /* the last bucket is open */
}

static void test_a_histogram_counts_from_nothing_after_a_restart(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 0, first);
    tell(&window, 1,
         "vllm:time_to_first_token_seconds_sum 0.4\n"
         "vllm:time_to_first_token_seconds_count 2\n"
         "vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} 0\n"
         "vllm:time_to_first_token_seconds_bucket{le=\"0.5\"} 2\n"
         "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\"} 2\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_histogram_ttft_s_count", 2);
    assert_figure(&figures, "server_histogram_ttft_s_mean", 0.2);
    assert_figure(&figures, "server_histogram_ttft_s_p50_low", 0.1);
    assert_figure(&figures, "server_histogram_ttft_s_p50_high", 0.5);
}

static void test_several_sources_are_summed_and_their_shares_averaged(void **state)
{
    struct window window[2] = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window[0], 0,
         "llamacpp:requests_processing 1\nllamacpp:kv_cache_usage_ratio 0.2\n"
         "llamacpp:tokens_predicted_total 0\n");
    tell(&window[0], 1,
         "llamacpp:requests_processing 1\nllamacpp:kv_cache_usage_ratio 0.2\n"
         "llamacpp:tokens_predicted_total 10\n");
    tell(&window[1], 0,
         "llamacpp:requests_processing 2\nllamacpp:kv_cache_usage_ratio 0.4\n"
         "llamacpp:tokens_predicted_total 5\n");
    tell(&window[1], 2,
         "llamacpp:requests_processing 4\nllamacpp:kv_cache_usage_ratio 0.4\n"
         "llamacpp:tokens_predicted_total 15\n");
    window_conclude(window, 2, &figures);
    assert_figure(&figures, "server_running_mean", 4);
    assert_figure(&figures, "server_running_max", 5);
    assert_figure(&figures, "server_kv_cache_share_mean", 0.3);
    assert_figure(&figures, "server_generated_tokens_per_s", 15); /* 10/s and 5/s */
}

static void test_units_labels_and_other_spellings(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 0,
         "DCGM_FI_DEV_FB_USED{gpu=\"0\"} 1000\nDCGM_FI_DEV_FB_USED{gpu=\"1\"} 1000\n"
         "DCGM_FI_DEV_GPU_UTIL{gpu=\"0\"} 90\nDCGM_FI_DEV_GPU_UTIL{gpu=\"1\"} 70\n"
         "node_memory_MemTotal_bytes 8e9\nnode_memory_MemAvailable_bytes 3e9\n"
         "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 100\n"
         "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 100\n"
         "node_cpu_seconds_total{cpu=\"0\",mode=\"system\"} 50\n"
         "ray_vllm_num_requests_running{app=\"x\"} 7\n"
         "nv_inference_pending_request_count{model=\"m\"} 6\n"
         "nv_trt_llm_request_metrics{request_type=\"max\"} 99\n");
    tell(&window, 10,
         "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 101\n"
         "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 106\n"
         "node_cpu_seconds_total{cpu=\"0\",mode=\"system\"} 53\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_gpu_memory_gb_mean", 2000 * 1048576e-9);
    assert_figure(&figures, "server_gpu_busy_share_mean", 0.8);
    assert_figure(&figures, "server_memory_gb_mean", 5);
    assert_figure(&figures, "server_cpu_cores", 0.9);
    assert_figure(&figures, "server_running_mean", 7);
    assert_figure(&figures, "server_waiting_mean", 6);
}

/* Each of four ranks of tensor parallelism tells the batches of all; replicas of data parallelism
 * have their own. In whatever order they come, the lowest rank counts. */
static void test_ranks_of_one_engine_count_once_and_replicas_are_summed(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 0,
         "sglang:num_running_reqs{tp_rank=\"1\",pp_rank=\"0\",dp_rank=\"0\"} 3\n"
         "sglang:num_running_reqs{tp_rank=\"0\",pp_rank=\"0\",dp_rank=\"0\"} 2\n"
         "sglang:num_running_reqs{tp_rank=\"0\",pp_rank=\"1\",dp_rank=\"0\"} 9\n"
         "sglang:num_running_reqs{tp_rank=\"1\",pp_rank=\"0\",dp_rank=\"1\"} 5\n"
         "sglang:num_running_reqs{tp_rank=\"2\",pp_rank=\"0\",dp_rank=\"1\"} 6\n"
         "sglang:token_usage{tp_rank=\"0\"} 0.4\nsglang:token_usage{tp_rank=\"1\"} 0.8\n"
         "sglang:generation_tokens_total{tp_rank=\"1\",moe_ep_rank=\"1\"} 10\n"
         "sglang:generation_tokens_total{tp_rank=\"0\",moe_ep_rank=\"0\"} 10\n"
         "sglang:queue_time_seconds_count{tp_rank=\"0\"} 0\n");
    tell(&window, 2,
         "sglang:generation_tokens_total{tp_rank=\"0\",moe_ep_rank=\"0\"} 30\n"
         "sglang:generation_tokens_total{tp_rank=\"1\",moe_ep_rank=\"1\"} 28\n"
         "sglang:queue_time_seconds_bucket{tp_rank=\"1\",le=\"1\"} 4\n"
         "sglang:queue_time_seconds_bucket{tp_rank=\"0\",le=\"1\"} 2\n"
         "sglang:queue_time_seconds_bucket{tp_rank=\"0\",le=\"+Inf\"} 4\n"
         "sglang:queue_time_seconds_bucket{tp_rank=\"1\",le=\"+Inf\"} 4\n"
         "sglang:queue_time_seconds_sum{tp_rank=\"0\"} 8\n"
         "sglang:queue_time_seconds_sum{tp_rank=\"1\"} 6\n"
         "sglang:queue_time_seconds_count{tp_rank=\"1\"} 4\n"
         "sglang:queue_time_seconds_count{tp_rank=\"0\"} 4\n");
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_running_mean", 7);
    assert_figure(&figures, "server_kv_cache_share_mean", 0.4);
    assert_figure(&figures, "server_generated_tokens_per_s", 10);
    assert_figure(&figures, "server_queue_time_s_count", 4);
    assert_figure(&figures, "server_queue_time_s_mean", 2);
    assert_figure(&figures, "server_queue_time_s_p50_high", 1);
    assert_figure(&figures, "server_queue_time_s_p99_low", 1);
}

static void test_many_ranks_count_once(void **state)
{
    struct window window = {0};
    struct telemetry_figures figures;
    struct text text = {0};

    (void)state;
    for (int rank = 31; rank >= 0; rank--) {
        for (int replica = 0; replica < 100; replica++)
            text_printf(&text, "sglang:num_queue_reqs{dp_rank=\"%d\",tp_rank=\"%d\"} %d\n", replica,
                        rank, 1 + rank);
    }
    tell(&window, 0, text.bytes);
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_waiting_mean", 100);
    text_clear(&text);
}

/* One address tells both: the same requests, twice. */
static void test_an_engine_s_word_counts_before_that_of_what_stands_in_front(void **state)
{
    static const char *const texts[] = {
        "ray_vllm_num_requests_running 3\nray_serve_replica_processing_queries 4\n"
        "vllm:time_to_first_token_seconds_count 0\n"
        "dynamo_frontend_time_to_first_token_seconds_count 0\n",
        "ray_serve_replica_processing_queries 4\nray_vllm_num_requests_running 3\n"
        "dynamo_frontend_time_to_first_token_seconds_count 2\n"
        "dynamo_frontend_time_to_first_token_seconds_sum 8\n"
        "vllm:time_to_first_token_seconds_count 2\nvllm:time_to_first_token_seconds_sum 6\n"
        "dynamo_frontend_queued_requests 5\n",
    };
    struct window window = {0};
    struct telemetry_figures figures;

    (void)state;
    tell(&window, 0, texts[0]);
    tell(&window, 1, texts[1]);
    window_conclude(&window, 1, &figures);
    assert_figure(&figures, "server_running_mean", 3);
    assert_figure(&figures, "server_waiting_mean", 5);
    assert_figure(&figures, "server_histogram_ttft_s_count", 2);
    assert_figure(&figures, "server_histogram_ttft_s_mean", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gauges_have_a_mean_and_a_most),
        cmocka_unit_test(test_gauges_at_the_edges_count_only_where_there_are_no_others),
        cmocka_unit_test(test_counters_grow_through_a_restart_and_leave_created_out),
        cmocka_unit_test(test_one_reading_gives_no_rate),
        cmocka_unit_test(test_histograms_have_a_mean_and_bounds_of_quantiles),
        cmocka_unit_test(test_a_histogram_counts_from_nothing_after_a_restart),
        cmocka_unit_test(test_several_sources_are_summed_and_their_shares_averaged),
        cmocka_unit_test(test_units_labels_and_other_spellings),
        cmocka_unit_test(test_ranks_of_one_engine_count_once_and_replicas_are_summed),
        cmocka_unit_test(test_many_ranks_count_once),
        cmocka_unit_test(test_an_engine_s_word_counts_before_that_of_what_stands_in_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
