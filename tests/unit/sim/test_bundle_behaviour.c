/* The manner and the faults of a bundle file: what is read, what is there without a word, and what
 * is refused and where. */
#include "sim/node_file.h"

#include "support.h"

#define EXPERTS                                                                                    \
    "node: {hbm_gb: 100}\n"                                                                        \
    "experts:\n"                                                                                   \
    "  - {name: a, weight_gb: 1, tiers: [{tokens: 9, batch_sizes: [1]}]}\n"

static bool read_text(const char *yaml, struct node_file *file, struct faults *faults)
{
    support_write("bundle.yaml", yaml);
    return node_file_read("bundle.yaml", file, faults);
}

/* Tests of the simulator use zeroed bundles, so zero must mean the same as nothing written. */
static void test_nothing_written_is_the_plain_manner(void **state)
{
    static const struct bundle_behaviour plain = {.tokens_per_chunk = 1, .retry_after_s = 1};
    struct node_file file = {0};
    struct faults faults = {0};
    struct text read = {0}, expected = {0};

    (void)state;
    assert_true(read_text(EXPERTS, &file, &faults));
    setting_add_json(bundle_behaviour_table, &file.behaviour, &read);
    setting_add_json(bundle_behaviour_table, &plain, &expected);
    expect_text("behaviour", read.bytes, expected.bytes);
    expect_true("no faults", file.faults.count == 0);
    node_file_clear(&file);
    text_clear(&read);
    text_clear(&expected);
}

static void test_reads_all_keys(void **state)
{
    struct node_file file = {0};
    struct faults faults = {0};
    const struct bundle_behaviour *behaviour = &file.behaviour;
    const struct bundle_fault *fault;

    (void)state;
    assert_true(read_text(
        EXPERTS "behaviour:\n"
                "  usage: last-content\n"
                "  null_usage: yes\n"
                "  timings: yes\n"
                "  tokens_per_chunk: 3\n"
                "  role_chunk: yes\n"
                "  reasoning_tokens: 4\n"
                "  reasoning_key: reasoning_content\n"
                "  keep_alive_s: 0.5\n"
                "  keep_alive_as_data: yes\n"
                "  loading_text: wait\n"
                "  buffered: yes\n"
                "  crlf: yes\n"
                "  no_space: yes\n"
                "  event_fields: yes\n"
                "  bytes_per_piece: 5\n"
                "  no_finish_reason: yes\n"
                "  always_completed: yes\n"
                "  no_done: yes\n"
                "  reject_unknown: yes\n"
                "  whole_answers: yes\n"
                "  max_requests_per_s: 2.5\n"
                "  retry_after_s: 6\n"
                "faults:\n"
                "  - {kind: reset, probability: 0.25, model: a}\n"
                "  - {kind: listener-closed, request: 7, after_tokens: 0, duration_s: 8}\n",
        &file, &faults));
    expect_true("usage", behaviour->usage == BUNDLE_USAGE_LAST_CONTENT);
    expect_true("tokens_per_chunk", behaviour->tokens_per_chunk == 3);
    expect_true("reasoning_tokens", behaviour->reasoning_tokens == 4);
    expect_text("reasoning_key", bundle_reasoning_keys[behaviour->reasoning_key],
                "reasoning_content");
    expect_number("keep_alive_s", behaviour->keep_alive_s, 0.5);
    expect_text("loading_text", behaviour->loading_text, "wait");
    expect_true("bytes_per_piece", behaviour->bytes_per_piece == 5);
    expect_number("max_requests_per_s", behaviour->max_requests_per_s, 2.5);
    expect_true("retry_after_s", behaviour->retry_after_s == 6);
    expect_true("the rest", behaviour->null_usage && behaviour->timings &&
                                behaviour->always_completed && behaviour->role_chunk &&
                                behaviour->keep_alive_as_data && behaviour->buffered &&
                                behaviour->crlf && behaviour->no_space && behaviour->event_fields &&
                                behaviour->no_finish_reason && behaviour->no_done &&
                                behaviour->reject_unknown && behaviour->whole_answers);
    assert_int_equal(file.faults.count, 2);
    fault = bundle_fault(&file, 0);
    expect_true("kind", fault->kind == BUNDLE_FAULT_RESET);
    expect_number("probability", fault->probability, 0.25);
    expect_true("request", fault->request == 0);
    expect_text("model", fault->model, "a");
    expect_true("a token by default", fault->after_tokens == 1);
    expect_number("a second by default", fault->duration_s, 1);
    fault = bundle_fault(&file, 1);
    expect_true("kind", fault->kind == BUNDLE_FAULT_LISTENER_CLOSED);
    expect_true("request", fault->request == 7 && fault->probability == 0);
    expect_true("after_tokens", fault->after_tokens == 0);
    expect_number("duration_s", fault->duration_s, 8);
    node_file_clear(&file);
}

static void test_refuses_what_cannot_be(void **state)
{
    static const struct {
        const char *yaml;
        const char *fault;
    } cases[] = {
        {"behaviour: {usage: some}\n", "bundle.yaml:4: usage: 'some' is not one of full, plain,"},
        {"behaviour: {tokens_per_chunk: 0}\n",
         "tokens_per_chunk: '0' is not a whole number from 1"},
        {"behaviour: {keepalive_s: 1}\n", "did you mean 'keep_alive_s'"},
        {"behaviour: {keep_alive_s: -1}\n", "keep_alive_s: '-1' is not a number from 0"},
        {"faults: {kind: reset}\n", "faults: 'a mapping' is not a list"},
        {"faults:\n  - {kind: rest, request: 1}\n", "bundle.yaml:5: kind: 'rest' is not one of"},
        {"faults:\n  - {request: 1}\n", "bundle.yaml:5: 'kind' is missing"},
        {"faults:\n  - {kind: stall}\n", "bundle.yaml:5: stall: say when it strikes"},
        {"faults:\n  - {kind: stall, request: 1, probability: 1}\n", "stall: say when it strikes"},
        {"faults:\n  - {kind: stall, request: 0}\n", "request: '0' is not a whole number from 1"},
        {"faults:\n  - kind: stall\n    request: 1\n    model: b\n",
         "bundle.yaml:7: stall: there is no expert 'b' in this file"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct node_file file = {0};
        struct faults faults = {0};
        struct text yaml = {0};

        text_add_string(&yaml, EXPERTS);
        text_add_string(&yaml, cases[i].yaml);
        expect_true(cases[i].yaml, !read_text(yaml.bytes, &file, &faults));
        expect_faults(cases[i].yaml, &faults, cases[i].fault);
        faults_clear(&faults);
        node_file_clear(&file);
        text_clear(&yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_nothing_written_is_the_plain_manner),
        in_folder(test_reads_all_keys),
        in_folder(test_refuses_what_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
