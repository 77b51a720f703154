/* One request's metrics (formats.md, sections 5 and 10). */
#include "stats/figures.h"

#include "records.h"
#include "support.h"

/* Taken up at 10 ms, due at 5 ms, sent at 20 ms on a new connection, first byte at 100 ms, chunks
 * at 120, 130, 150 and 220 ms, the first of reasoning, done at 225 ms. */
static struct chunk chunks[] = {{120 * MS, false, true, 0, 0, 0},
                                {130 * MS, false, true, 0, 0, 0},
                                {150 * MS, false, true, 0, 0, 0},
                                {220 * MS, false, true, 0, 0, 0}};

static struct request measured(void)
{
    struct request request = request_begun();

    request.intended_ns = 5 * MS;
    request.started_ns = 10 * MS;
    request.sent_ns = 20 * MS;
    request.first_byte_ns = 100 * MS;
    request.first_reasoning_ns = 120 * MS;
    request.first_content_ns = 150 * MS;
    request.last_chunk_ns = 220 * MS;
    request.done_ns = 225 * MS;
    request.new_connection = true;
    request.asked.input_tokens = 50;
    request.asked.output_tokens = 40;
    request.chunks = chunks;
    request.chunk_count = COUNT_OF(chunks);
    return request;
}

struct wanted {
    enum metric metric;
    double value;
};

static void expect_figures(const char *name, const struct request *request,
                           enum latency_start start, const struct wanted *wanted, size_t count)
{
    struct figures figures = figures_of(request, start);

    for (size_t i = 0; i < count; i++) {
        char *label = memory_printf("%s: %s", name, metric_table[wanted[i].metric].key);

        expect_number(label, figures.value[wanted[i].metric], wanted[i].value);
        free(label);
    }
}

static void test_moments_from_the_send_in_a_closed_loop(void **state)
{
    static const struct wanted wanted[] = {
        {METRIC_CLIENT_TTFT_S, 0.1},
        {METRIC_CLIENT_TTFT_CONTENT_S, 0.13},
        {METRIC_CLIENT_END_TO_END_LATENCY_S, 0.205},
        {METRIC_CLIENT_TTFT_FROM_SENT_S, 0.1},
        {METRIC_CLIENT_TTFT_FROM_INTENDED_S, 0.115},
        {METRIC_CLIENT_END_TO_END_LATENCY_FROM_SENT_S, 0.205},
        {METRIC_CLIENT_END_TO_END_LATENCY_FROM_INTENDED_S, 0.22},
        {METRIC_CLIENT_SCHEDULE_DELAY_S, 0.015},
        {METRIC_CLIENT_CONNECT_S, 0.01},
        {METRIC_CLIENT_TIME_TO_FIRST_BYTE_S, 0.08},
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, 0.1 / 3}, /* (220 − 120) ms over three gaps */
        {METRIC_NUMBER_INPUT_TOKENS, 50},
        {METRIC_NUMBER_OUTPUT_TOKENS, 4},
        {METRIC_NUMBER_TOTAL_TOKENS, 54},
        {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 4 / 0.105},
        {METRIC_CLIENT_TOTAL_TOKENS_PER_S, 54 / 0.205},
        {METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S, 4 / 0.205},
        {METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, 0.035},
        {METRIC_SERVER_TTFT_S, NAN},
        {METRIC_SERVER_NUMBER_OUTPUT_TOKENS, NAN},
        {METRIC_SERVER_TOTAL_TOKENS_PER_S, NAN},
        {METRIC_BATCH_SIZE_USED, NAN},
    };
    struct request request = measured();

    (void)state;
    expect_figures("closed", &request, LATENCY_FROM_SENT, wanted, COUNT_OF(wanted));
}

static void test_moments_from_the_intended_send_in_an_open_loop(void **state)
{
    static const struct wanted wanted[] = {
        {METRIC_CLIENT_TTFT_S, 0.115},
        {METRIC_CLIENT_TTFT_CONTENT_S, 0.145},
        {METRIC_CLIENT_END_TO_END_LATENCY_S, 0.22},
        {METRIC_CLIENT_TTFT_FROM_SENT_S, 0.1},
        {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 4 / 0.105},
        {METRIC_CLIENT_TOTAL_TOKENS_PER_S, 54 / 0.22},
        {METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S, 4 / 0.22},
    };
    struct request request = measured();

    (void)state;
    expect_figures("open", &request, LATENCY_FROM_INTENDED, wanted, COUNT_OF(wanted));
}

/* Due at 5 ms, let go at 12, sent at 20: what max_in_flight held back is no delay of ours. */
static void test_a_wait_for_the_ceiling_is_no_schedule_delay(void **state)
{
    static const struct wanted held[] = {{METRIC_CLIENT_HELD_S, 0.007},
                                         {METRIC_CLIENT_SCHEDULE_DELAY_S, 0.008},
                                         {METRIC_CLIENT_TTFT_S, 0.115}};
    static const struct wanted none[] = {{METRIC_CLIENT_HELD_S, NAN},
                                         {METRIC_CLIENT_SCHEDULE_DELAY_S, 0.015},
                                         {METRIC_CLIENT_TTFT_S, 0.115}};
    struct request request = measured();

    (void)state;
    expect_figures("no ceiling", &request, LATENCY_FROM_INTENDED, none, COUNT_OF(none));
    request.let_go_ns = 12 * MS;
    expect_figures("held", &request, LATENCY_FROM_INTENDED, held, COUNT_OF(held));
}

static void test_the_servers_counts_go_before_ours(void **state)
{
    static const struct wanted wanted[] = {
        {METRIC_NUMBER_INPUT_TOKENS, 73},
        {METRIC_NUMBER_OUTPUT_TOKENS, 128},
        {METRIC_NUMBER_TOTAL_TOKENS, 210}, /* not 73 + 128 */
        {METRIC_SERVER_NUMBER_INPUT_TOKENS, 73},
        {METRIC_SERVER_NUMBER_OUTPUT_TOKENS, 128},
        {METRIC_SERVER_NUMBER_TOTAL_TOKENS, 210},
        {METRIC_SERVER_TTFT_S, 0.16},
        {METRIC_SERVER_END_TO_END_LATENCY_S, 0.5},
        {METRIC_SERVER_OUTPUT_TOKEN_PER_S, 281},
        {METRIC_SERVER_OUTPUT_TOKEN_FIRST_TEN_PER_S, 282},
        {METRIC_SERVER_TOTAL_TOKENS_PER_S, 420}, /* not told: 210 / 0.5 */
        {METRIC_ACCEPTANCE_RATE, 9.5},
        {METRIC_BATCH_SIZE_USED, 4},
        {METRIC_CACHED_TOKENS, 64},
        {METRIC_SERVER_PROMPT_S, 0.04},
        {METRIC_SERVER_LOAD_S, 1.5},
        {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 128 / 0.105},
        {METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, 0.105 / 127},
        {METRIC_CLIENT_TOTAL_TOKENS_PER_S, 210 / 0.205},
        {METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S, 128 / 0.205},
    };
    struct request request = measured();
    struct figures figures;

    (void)state;
    request.usage = (struct usage){.input_tokens = 73,
                                   .output_tokens = 128,
                                   .total_tokens = 210,
                                   .ttft_s = 0.16,
                                   .end_to_end_latency_s = 0.5,
                                   .output_token_per_s = 281,
                                   .total_tokens_per_s = NAN,
                                   .output_token_first_ten_per_s = 282,
                                   .batch_size_used = 4,
                                   .acceptance_rate = 9.5,
                                   .cached_tokens = 64,
                                   .prompt_s = 0.04,
                                   .load_s = 1.5};
    expect_figures("server", &request, LATENCY_FROM_SENT, wanted, COUNT_OF(wanted));
    request.usage.total_tokens_per_s = 327;
    figures = figures_of(&request, LATENCY_FROM_SENT);
    expect_number("told", figures.value[METRIC_SERVER_TOTAL_TOKENS_PER_S], 327);
}

/* Only where the total shows that they stand apart. */
static void test_reasoning_tokens_are_added(void **state)
{
    static const struct {
        double input, output, total, reasoning, wanted;
    } cases[] = {
        {40, 8, 64, 16, 24}, {40, 8, 48, 16, 8},  {40, 24, 64, 16, 24}, {40, 8, 63, 16, 8},
        {40, 0, 56, 16, 16}, {40, 8, NAN, 16, 8}, {NAN, 8, 64, 16, 8},  {40, NAN, 64, 16, 4},
        {40, 8, 64, NAN, 8}, {40, 8, 48, 0, 8},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = measured();
        struct figures figures;
        char name[64];

        request.usage.input_tokens = cases[i].input;
        request.usage.output_tokens = cases[i].output;
        request.usage.total_tokens = cases[i].total;
        request.usage.reasoning_tokens = cases[i].reasoning;
        figures = figures_of(&request, LATENCY_FROM_SENT);
        snprintf(name, sizeof name, "case %zu", i);
        expect_number(name, figures.value[METRIC_NUMBER_OUTPUT_TOKENS], cases[i].wanted);
        expect_number(name, figures.value[METRIC_SERVER_NUMBER_OUTPUT_TOKENS], cases[i].output);
        expect_number(name, figures.value[METRIC_CLIENT_OUTPUT_TOKEN_PER_S],
                      cases[i].wanted / 0.105);
    }
}

/* The first chunk came between 100 and 120 ms, the last between 216 and 230: over three gaps. */
static void test_a_mean_gap_that_is_not_known_has_bounds(void **state)
{
    static const struct wanted unknown[] = {
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, NAN},
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S, 0.096 / 3},
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S, 0.13 / 3}};
    static const struct wanted close[] = {
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, 0.1 / 3},
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S, 0.1 / 3},
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S, 0.104 / 3}};
    static const struct wanted none[] = {{METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S, 0}};
    struct request request = measured();
    struct chunk late[COUNT_OF(chunks)];

    (void)state;
    memcpy(late, chunks, sizeof late);
    request.chunks = late;
    late[0].early_ns = 20 * MS;
    late[3].early_ns = 4 * MS;
    late[3].late_ns = 10 * MS;
    expect_figures("wide", &request, LATENCY_FROM_SENT, unknown, COUNT_OF(unknown));
    late[0].early_ns = late[3].early_ns = 0;
    late[3].late_ns = 4 * MS;
    expect_figures("close", &request, LATENCY_FROM_SENT, close, COUNT_OF(close));
    late[3].early_ns = 200 * MS;
    expect_figures("none", &request, LATENCY_FROM_SENT, none, COUNT_OF(none));
}

static void test_what_came_at_once_is_rated_over_the_whole_latency(void **state)
{
    static const struct wanted one_read[] = {{METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 4 / 0.205},
                                             {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, 0}};
    static const struct wanted one_chunk[] = {{METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 1 / 0.205},
                                              {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, NAN},
                                              {METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, NAN}};
    struct chunk together[] = {{220 * MS, false, true, 0, 0, 0},
                               {220 * MS, true, true, 0, 0, 0},
                               {220 * MS, true, true, 0, 0, 0},
                               {220 * MS, true, true, 0, 0, 0}};
    struct request request = measured();

    (void)state;
    request.chunks = together;
    request.first_reasoning_ns = request.first_content_ns = 220 * MS;
    expect_figures("one read", &request, LATENCY_FROM_SENT, one_read, COUNT_OF(one_read));
    request.chunk_count = 1;
    expect_figures("one chunk", &request, LATENCY_FROM_SENT, one_chunk, COUNT_OF(one_chunk));
}

static void test_what_came_in_one_read(void **state)
{
    static const struct {
        const char *name;
        bool coalesced[3];
        int64_t last_us; /* after the first */
        double tokens;
        bool at_once;
    } cases[] = {
        {"all in one read", {false, true, true}, 0, 16, true},
        {"its packets within a millisecond", {false, true, true}, 1000, 16, true},
        {"read late, but sent one by one", {false, true, true}, 1001, 16, false},
        {"two reads", {false, true, false}, 0, 16, false},
        {"few tokens", {false, true, true}, 0, 15, false},
        {"tokens not known", {false, true, true}, 0, NAN, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = measured();
        struct figures figures = no_figures();
        struct chunk three[3];

        for (int k = 0; k < 3; k++)
            three[k] = (struct chunk){200 * MS + (k == 2 ? cases[i].last_us * 1000 : 0),
                                      cases[i].coalesced[k],
                                      true,
                                      0,
                                      0,
                                      0};
        request.chunks = three;
        request.chunk_count = 3;
        figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = cases[i].tokens;
        expect_true(cases[i].name,
                    figures_came_in_one_read(&request, &figures) == cases[i].at_once);
    }
}

static void test_a_failed_request_keeps_what_was_measured(void **state)
{
    static const struct wanted unsent[] = {{METRIC_CLIENT_TTFT_S, NAN},
                                           {METRIC_CLIENT_END_TO_END_LATENCY_S, NAN},
                                           {METRIC_CLIENT_CONNECT_S, NAN},
                                           {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, NAN},
                                           {METRIC_NUMBER_OUTPUT_TOKENS, 0}};
    static const struct wanted unanswered[] = {{METRIC_CLIENT_TTFT_S, NAN},
                                               {METRIC_CLIENT_END_TO_END_LATENCY_S, 0.08},
                                               {METRIC_CLIENT_CONNECT_S, 0},
                                               {METRIC_CLIENT_TIME_TO_FIRST_BYTE_S, NAN}};
    struct request request = request_begun();

    (void)state;
    request.new_connection = true;
    request.done_ns = 100 * MS;
    expect_figures("unsent", &request, LATENCY_FROM_SENT, unsent, COUNT_OF(unsent));
    request.new_connection = false;
    request.sent_ns = 20 * MS;
    expect_figures("unanswered", &request, LATENCY_FROM_SENT, unanswered, COUNT_OF(unanswered));
}

static void test_the_first_token_is_the_earlier_of_content_and_reasoning(void **state)
{
    static const struct {
        int64_t reasoning, content, first;
    } cases[] = {
        {CLOCK_NEVER, CLOCK_NEVER, CLOCK_NEVER},
        {5, CLOCK_NEVER, 5},
        {CLOCK_NEVER, 7, 7},
        {5, 7, 5},
        {9, 7, 7},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = request_begun();

        request.first_reasoning_ns = cases[i].reasoning;
        request.first_content_ns = cases[i].content;
        assert_true(figures_first_token_ns(&request) == cases[i].first);
    }
}

static void test_the_finish_is_the_first_token_where_that_has_no_text(void **state)
{
    static const struct wanted wanted[] = {
        {METRIC_CLIENT_TTFT_S, 0.1},
        {METRIC_CLIENT_TTFT_CONTENT_S, 0.1},
        {METRIC_CLIENT_END_TO_END_LATENCY_S, 0.205},
        {METRIC_NUMBER_OUTPUT_TOKENS, 2},
        {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 2 / 0.205},
        {METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, NAN},
        {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, NAN},
    };
    struct request request = measured();

    (void)state;
    request.first_reasoning_ns = request.first_content_ns = request.last_chunk_ns = CLOCK_NEVER;
    request.chunk_count = 0;
    request.usage.output_tokens = 2;
    request.finish_ns = 120 * MS;
    request.first_token_without_text = true;
    expect_figures("no text", &request, LATENCY_FROM_SENT, wanted, COUNT_OF(wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_from_the_send_in_a_closed_loop),
        cmocka_unit_test(test_moments_from_the_intended_send_in_an_open_loop),
        cmocka_unit_test(test_a_wait_for_the_ceiling_is_no_schedule_delay),
        cmocka_unit_test(test_the_servers_counts_go_before_ours),
        cmocka_unit_test(test_reasoning_tokens_are_added),
        cmocka_unit_test(test_a_mean_gap_that_is_not_known_has_bounds),
        cmocka_unit_test(test_what_came_at_once_is_rated_over_the_whole_latency),
        cmocka_unit_test(test_what_came_in_one_read),
        cmocka_unit_test(test_a_failed_request_keeps_what_was_measured),
        cmocka_unit_test(test_the_first_token_is_the_earlier_of_content_and_reasoning),
        cmocka_unit_test(test_the_finish_is_the_first_token_where_that_has_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
