/* What a trace holds, in figures. */
#include "traffic/census.h"

#include "support.h"
#include "traffic/trace_models.h"

static const char path[] = "trace";

#define BURST                                                                                      \
    "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log "     \
    "Type\n"

static void take(const char *content, const struct trace_window *window, struct census *census)
{
    struct error error;

    support_write(path, content);
    if (!census_take(census, path, window, &error))
        fail_msg("%s", error.text);
}

static void test_a_trace_is_counted(void **state)
{
    static const struct trace_window all;
    struct census census;

    (void)state;
    take(BURST
         "10,1,2,ChatGPT,100,10,110,x\n11.5,2,2,GPT-4,200,20,220,x\n12,1,2,ChatGPT,0,10,10,x\n"
         "12.5,1,2,ChatGPT,300,30,330,x\n13,9,9,GPT-5,300,0,300,x\n20,,2,GPT-4,600,60,660,x\n",
         &all, &census);
    assert_string_equal(census.format, "BurstGPT");
    assert_int_equal(census.requests, 4);
    assert_int_equal(census.left_out.failed, 1);
    assert_int_equal(census.left_out.empty, 1);
    expect_number("span", census_span_s(&census), 10);
    expect_number("rate", census_rate(&census), 0.3);
    assert_int_equal(census.models, 2);
    assert_string_equal(census.model[0].name, "ChatGPT");
    assert_int_equal(census.model[0].requests, 2);
    assert_true(census.model[0].input_tokens == 400 && census.model[0].output_tokens == 40);
    assert_int_equal(census.model[1].longest, 660);
    assert_int_equal(census.model[1].first_line, 3);
    assert_int_equal(census.sessions.count, 2);
    assert_int_equal(census.in_sessions, 3);
    expect_number("median", token_counts_quantile(&census.input, 0.5), 250);
    expect_number("p25", token_counts_quantile(&census.input, 0.25), 175);
    expect_number("most", token_counts_quantile(&census.input, 1), 600);
    assert_int_equal(census.longest, 660);
    census_clear(&census);
}

/* 1000 requests, one each tenth of a second, in parts of a power of two of milliseconds. */
static void test_rates_are_those_of_parts(void **state)
{
    static const struct trace_window all;
    struct text content = {0};
    struct census census;
    size_t requests = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        text_printf(&content,
                    "{\"at_s\":%d.%d,\"model\":\"m\",\"input_tokens\":%d,\"output_tokens\":1}\n",
                    i / 10, i % 10, i + 1);
    take(content.bytes, &all, &census);
    assert_true(census.time.width_s == 4.096);
    assert_int_equal(census.time.parts, 25);
    for (size_t i = 0; i < census.time.parts; i++) {
        requests += census.time.requests[i];
        assert_true(i == 24 || fabs(census_part_rate(&census, i) - 10) < 0.5);
    }
    assert_int_equal(requests, 1000);
    assert_true(fabs(census_rate(&census) - 10) < 1e-6);
    assert_true(census_gap_variation(&census) < 1e-4);
    expect_number("p99", token_counts_quantile(&census.input, 0.99), 990.01);
    text_clear(&content);
    census_clear(&census);
}

static void test_blocks_seen_before_are_counted(void **state)
{
    static const struct trace_window all, late = {.from_s = 1};
    static const char content[] =
        "{\"timestamp\":0,\"input_length\":1500,\"output_length\":1,\"hash_ids\":[0,1,2]}\n"
        "{\"timestamp\":1000,\"input_length\":1500,\"output_length\":1,\"hash_ids\":[0,1,3]}\n"
        "{\"timestamp\":2000,\"input_length\":600,\"output_length\":1,\"hash_ids\":[0,9007199254]}"
        "\n";
    struct census census;

    (void)state;
    take(content, &all, &census);
    assert_int_equal(census.blocks, 8);
    assert_int_equal(census.blocks_seen, 3);
    census_clear(&census);
    take(content, &late, &census);
    assert_int_equal(census.blocks, 5);
    assert_int_equal(census.blocks_seen, 1);
    assert_int_equal(census.left_out.before, 1);
    census_clear(&census);
}

static void test_a_window_without_requests_is_told(void **state)
{
    static const struct trace_window late = {.from_s = 100};
    struct census census;
    struct error error;

    (void)state;
    support_write(path, BURST "1,1,1,a,1,1,1,x\n1,1,1,a,1,0,1,x\n");
    assert_false(census_take(&census, path, &late, &error));
    expect_part("late", error.text,
                "no request is left to send: 1 without output, 0 without input, 1 before");
    census_clear(&census);
}

/* --- Models ----------------------------------------------------------------------------------- */

static void test_names_map_to_models(void **state)
{
    static const struct trace_window all;
    static const struct trace_mapping both[] = {{"a", "x"}, {"b", "y"}, {"*", "x"}},
                                      one[] = {{"a", "x"}, {"b", "y"}};
    struct trace_members members;
    struct faults faults = {0};
    struct census census;

    (void)state;
    take(BURST "1,1,1,a,1,1,1,x\n2,1,1,b,1,1,1,x\n3,1,1,c,1,1,1,x\n4,1,1,c,1,1,1,x\n", &all,
         &census);
    assert_true(trace_members_find(&members, both, 3, &census, path, &faults));
    assert_int_equal(members.count, 2);
    assert_string_equal(members.model[0], "x");
    assert_int_equal(members.requests[0], 3);
    assert_string_equal(members.model[1], "y");
    assert_int_equal(members.requests[1], 1);
    assert_true(members.of_name[0] == 0 && members.of_name[1] == 1 && members.of_name[2] == 0);
    trace_members_clear(&members);
    assert_false(trace_members_find(&members, one, 2, &census, path, &faults));
    expect_faults("unknown", &faults,
                  "trace:4: the trace's model 'c' (2 lines) maps to nothing; name it in the");
    trace_members_clear(&members);
    faults_clear(&faults);
    census_clear(&census);
}

static void test_a_trace_without_names_needs_one_for_all(void **state)
{
    static const struct trace_window all;
    static const struct trace_mapping mapping[] = {{"a", "x"}, {"*", "y"}};
    struct trace_members members;
    struct faults faults = {0};
    struct census census;

    (void)state;
    take("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,3,4\n", &all, &census);
    assert_true(trace_members_find(&members, mapping, 2, &census, path, &faults));
    assert_int_equal(members.of_none, 0);
    assert_string_equal(members.model[0], "y");
    trace_members_clear(&members);
    assert_false(trace_members_find(&members, mapping, 1, &census, path, &faults));
    expect_faults("none", &faults,
                  "trace: the trace names no model; set trace_models: {\"*\": MODEL}");
    trace_members_clear(&members);
    faults_clear(&faults);
    census_clear(&census);
}

/* --- Sets ------------------------------------------------------------------------------------- */

static void test_a_set_knows_what_it_holds(void **state)
{
    struct id_set set = {0};

    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        assert_true(id_set_add(&set, i * i));
        assert_false(id_set_add(&set, i * i));
    }
    assert_true(id_set_add(&set, UINT64_MAX));
    assert_false(id_set_add(&set, 99999ULL * 99999));
    assert_int_equal(set.count, 100001);
    assert_false(set.full);
    id_set_clear(&set);
}

static void test_numbers_that_count_up_take_few_bits(void **state)
{
    struct id_set set = {0};

    (void)state;
    for (uint64_t i = 0; i < 1000000; i++)
        assert_true(id_set_add(&set, i));
    assert_true(set.room * sizeof *set.entry <= 1 << 19);
    id_set_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_trace_is_counted),
        in_folder(test_rates_are_those_of_parts),
        in_folder(test_blocks_seen_before_are_counted),
        in_folder(test_a_window_without_requests_is_told),
        in_folder(test_names_map_to_models),
        in_folder(test_a_trace_without_names_needs_one_for_all),
        cmocka_unit_test(test_a_set_knows_what_it_holds),
        cmocka_unit_test(test_numbers_that_count_up_take_few_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
