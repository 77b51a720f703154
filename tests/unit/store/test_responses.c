/* Individual responses read back, as response.c writes them. */
#include "store/responses.h"

#include "records.h"
#include "stats/figures.h"
#include "store/response.h"
#include "support.h"

static void write_array(const struct request *requests, size_t count)
{
    struct text json = {0};

    for (size_t i = 0; i < count; i++) {
        struct figures figures = figures_of(&requests[i], LATENCY_FROM_SENT);

        text_add_char(&json, i ? ',' : '[');
        response_add_json(&requests[i], &figures, &json);
    }
    text_add_char(&json, ']');
    support_write("s_individual_responses.json", json.bytes);
    text_clear(&json);
}

static void test_every_figure_comes_back_as_it_was(void **state)
{
    struct chunk chunks[] = {{3 * MS, false, true}, {5 * MS, false, true}, {9 * MS, false, true}};
    struct request requests[] = {request_begun(), request_begun()};
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    requests[0].sent_ns = MS;
    requests[0].first_content_ns = 3 * MS;
    requests[0].last_chunk_ns = 9 * MS;
    requests[0].done_ns = 10 * MS;
    requests[0].chunks = chunks;
    requests[0].chunk_count = COUNT_OF(chunks);
    requests[0].usage.output_tokens = 3;
    requests[0].usage.batch_size_used = 4;
    requests[1].end = REQUEST_TIMEOUT;
    write_array(requests, COUNT_OF(requests));
    if (!responses_read(".", "s", &responses, &error))
        fail_msg("%s", error.text);
    assert_int_equal(responses.count, 2);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct figures figures = figures_of(&requests[i], LATENCY_FROM_SENT);

        for (int m = 0; m < METRIC_COUNT; m++)
            expect_number(metric_table[m].key, responses.response[i].figures.value[m],
                          figures.value[m]);
    }
    expect_true("the first completed", responses.response[0].completed);
    assert_int_equal(responses.response[0].chunks, 3);
    expect_true("the second did not", !responses.response[1].completed);
    assert_int_equal(responses.response[1].chunks, 0);
    responses_clear(&responses);
}

static void test_what_cannot_be_read_is_named(void **state)
{
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    expect_true("not there", !responses_read(".", "none", &responses, &error));
    expect_part("not there", error.text, "none_individual_responses.json");
    support_write("s_individual_responses.json", "{}");
    expect_true("no array", !responses_read(".", "s", &responses, &error));
    expect_part("no array", error.text, "s_individual_responses.json: holds no responses");
    responses_clear(&responses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_every_figure_comes_back_as_it_was),
        in_folder(test_what_cannot_be_read_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
