/* The ground truth read back, as truth.c writes it. */
#include "sim/witness.h"

#include "support.h"

#define LINE(index, cancelled, arrived)                                                            \
    "{\"index\":" index ",\"id\":\"x\",\"model\":\"m\",\"tier\":4096,\"prompt_tokens\":36,"        \
    "\"completion_tokens\":8,\"cancelled\":" cancelled ",\"batch\":0,\"batch_size\":4,"            \
    "\"members\":3,\"hit\":false,\"evicted\":[],\"switch_s\":0.25,\"queue_s\":0.5,"                \
    "\"prefill_s\":0.125,\"time_to_first_token_s\":0.375,\"arrived_ns\":" arrived ","              \
    "\"first_token_ns\":9000000000000001,\"last_token_ns\":9000000000000002}\n"

/* Given up before it was started: no batch, no moments. */
#define GIVEN_UP                                                                                   \
    "{\"index\":1,\"id\":\"y\",\"model\":\"m\",\"tier\":4096,\"prompt_tokens\":36,"                \
    "\"completion_tokens\":0,\"cancelled\":true,\"arrived_ns\":5,\"first_token_ns\":null,"         \
    "\"last_token_ns\":null}\n"

static void test_lines_come_in_the_order_of_arrival(void **state)
{
    struct witness witness = {0};
    struct error error = {""};

    (void)state;
    support_write("truth", LINE("2", "false", "30") GIVEN_UP LINE("0", "false", "10"));
    if (!witness_read("truth", &witness, &error))
        fail_msg("%s", error.text);
    assert_int_equal(witness.count, 2);
    assert_int_equal(witness.request[0].index, 0);
    assert_int_equal(witness.request[0].arrived_ns, 10);
    assert_int_equal(witness.request[1].arrived_ns, 30);
    assert_int_equal(witness.request[1].prompt_tokens, 36);
    assert_int_equal(witness.request[1].completion_tokens, 8);
    assert_int_equal(witness.request[1].batch_size, 4);
    expect_number("switch", witness.request[1].switch_s, 0.25);
    expect_number("queue", witness.request[1].queue_s, 0.5);
    expect_number("model", witness.request[1].time_to_first_token_s, 0.375);
    assert_true(witness.request[1].first_token_ns == INT64_C(9000000000000001));
    assert_true(witness.request[1].last_token_ns == INT64_C(9000000000000002));
    witness_clear(&witness);
}

static void test_an_empty_file_holds_nobody(void **state)
{
    struct witness witness = {0};
    struct error error = {""};

    (void)state;
    support_write("truth", "");
    assert_true(witness_read("truth", &witness, &error));
    assert_int_equal(witness.count, 0);
    witness_clear(&witness);
}

static void test_what_is_no_ground_truth_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {LINE("0", "false", "10") "no JSON\n", "truth:2: is not a line"},
        {LINE("0", "false", "\"ten\""), "truth:1: is not a line"},
        {"{\"cancelled\":false}\n", "truth:1: is not a line"},
        {"{}\n", "truth:1: is not a line"},
        {LINE("0", "false", "10") "{\"index\":1,\"cance", "truth:2: is not a line"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct witness witness = {0};
        struct error error = {""};

        support_write("truth", cases[i].text);
        expect_true(cases[i].text, !witness_read("truth", &witness, &error));
        expect_part(cases[i].text, error.text, cases[i].part);
        witness_clear(&witness);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_lines_come_in_the_order_of_arrival),
        in_folder(test_an_empty_file_holds_nobody),
        in_folder(test_what_is_no_ground_truth_is_refused_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
