/* A record arrives as it was sent, on rank 0's clock. */
#include "cluster/records.h"

#include "core/clock.h"
#include "records.h"
#include "support.h"

static const int64_t second_ns = CLOCK_NS_PER_S;

static struct chunk chunks[] = {{120 * MS, false, true, 3, 4, 5}, {130 * MS, true, false, 9, 0, 6}};

/* Everything that a record can hold is there. */
static struct request full(void)
{
    struct request request = request_begun();

    request.index = 70;
    request.phase = REQUEST_WARMUP;
    request.attempt = 2;
    request.sent_ns = 20 * MS;
    request.first_byte_ns = 100 * MS;
    request.first_event_ns = 110 * MS;
    request.first_content_ns = 120 * MS;
    request.last_chunk_ns = 130 * MS;
    request.done_ns = 140 * MS;
    request.body_end_ns = 150 * MS;
    request.stamped = REQUEST_FIRST_BYTE | REQUEST_DONE;
    request.new_connection = true;
    request.asked = (struct asked){.input_tokens = 10,
                                   .output_tokens = 20,
                                   .estimated_tokens = 11,
                                   .words = 9,
                                   .text = 1,
                                   .name = "prompt",
                                   .session = 5,
                                   .turn = 2,
                                   .turns = 3};
    request.chunks = chunks;
    request.chunk_count = COUNT_OF(chunks);
    request.announcements = 1;
    request.first_token_without_text = true;
    request.usage.output_tokens = 20;
    request.usage.load_s = 0.25;
    snprintf(request.response_id, sizeof request.response_id, "id-7");
    snprintf(request.remote_address, sizeof request.remote_address, "[::1]:80");
    snprintf(request.finish_reason, sizeof request.finish_reason, "stop");
    snprintf(request.message, sizeof request.message, "a sentence");
    snprintf(request.error_body, sizeof request.error_body, "{\"a\":1}");
    request.http_version = "2";
    request.http_status = 503;
    request.non_streaming = true;
    request.retry_after_s = 1.5;
    request.retry_wait_s = NAN;
    request.end = REQUEST_HTTP_ERROR;
    return request;
}

static void expect_rest(const struct request *got, const struct request *sent)
{
    assert_int_equal(got->index, sent->index);
    assert_int_equal(got->phase, sent->phase);
    assert_int_equal(got->attempt, sent->attempt);
    assert_int_equal(got->stamped, sent->stamped);
    assert_true(got->new_connection && got->first_token_without_text && got->non_streaming);
    assert_int_equal(got->asked.input_tokens, 10);
    assert_int_equal(got->asked.output_tokens, 20);
    assert_int_equal(got->asked.estimated_tokens, 11);
    assert_int_equal(got->asked.words, 9);
    assert_int_equal(got->asked.text, 1);
    assert_int_equal(got->asked.session, 5);
    assert_int_equal(got->asked.turn, 2);
    assert_int_equal(got->asked.turns, 3);
    expect_text("name", got->asked.name, "prompt");
    assert_int_equal(got->announcements, 1);
    expect_number("tokens", got->usage.output_tokens, 20);
    expect_number("load", got->usage.load_s, 0.25);
    expect_number("not told", got->usage.ttft_s, NAN);
    expect_text("id", got->response_id, "id-7");
    expect_text("address", got->remote_address, "[::1]:80");
    expect_text("reason", got->finish_reason, "stop");
    expect_text("message", got->message, "a sentence");
    expect_text("body", got->error_body, "{\"a\":1}");
    expect_text("version", got->http_version, "2");
    assert_int_equal(got->http_status, 503);
    expect_number("retry after", got->retry_after_s, 1.5);
    expect_number("no retry", got->retry_wait_s, NAN);
    assert_int_equal(got->end, REQUEST_HTTP_ERROR);
}

static void test_a_record_comes_as_it_was_sent(void **state)
{
    struct request sent = full();
    const struct request_texts texts = {"a \\\"prompt\\\"", ""};
    struct track track = {0};
    struct text bytes = {0};
    struct record record = {0};
    struct unpacking unpacking;

    (void)state;
    track_add(&track, (struct track_sample){0, 7 * second_ns, 1000});
    track_add(&track, (struct track_sample){second_ns, 7 * second_ns, 3000});
    records_pack(&sent, &texts, &track, &bytes);
    records_pack(&sent, NULL, &track, &bytes);
    unpacking = unpack(&bytes);
    for (int i = 0; i < 2; i++) {
        assert_true(records_unpack(&unpacking, &record));
        expect_rest(&record.request, &sent);
        assert_int_equal(record.request.sent_ns, 20 * MS + 7 * second_ns);
        assert_int_equal(record.request.body_end_ns, 150 * MS + 7 * second_ns);
        assert_int_equal(record.request.first_reasoning_ns, CLOCK_NEVER);
        assert_int_equal(record.request.chunk_count, 2);
        assert_int_equal(record.request.chunks[1].arrival_ns, 130 * MS + 7 * second_ns);
        assert_true(record.request.chunks[1].coalesced && !record.request.chunks[1].stamped);
        assert_true(record.request.chunks[0].stamped && !record.request.chunks[0].coalesced);
        assert_int_equal(record.request.chunks[1].tokens_so_far, 9);
        assert_int_equal(record.request.chunks[0].early_ns, 4);
        assert_int_equal(record.request.chunks[1].late_ns, 6);
        assert_int_equal(record.has_texts, i == 0);
        expect_number("uncertain", record.request.clock_uncertainty_s, 1300e-9);
    }
    expect_text("prompt", record.texts.prompt, "a \\\"prompt\\\"");
    assert_true(unpack_done(&unpacking));
    record_clear(&record);
    text_clear(&bytes);
    track_clear(&track);
}

/* Durations are those of the clock that took them; what clocks run apart is uncertain. */
static void test_durations_stay_and_drift_is_told(void **state)
{
    struct request sent = full();
    struct track track = {0};
    struct text bytes = {0};
    struct record record = {0};
    struct unpacking unpacking;

    (void)state;
    sent.started_ns = 0;
    sent.body_end_ns = 10 * second_ns;
    track_add(&track, (struct track_sample){0, 5000, 100});
    track_add(&track, (struct track_sample){10 * second_ns, 5000 + 100000, 100});
    records_pack(&sent, NULL, &track, &bytes);
    unpacking = unpack(&bytes);
    assert_true(records_unpack(&unpacking, &record));
    assert_int_equal(record.request.started_ns, 5000);
    assert_int_equal(record.request.body_end_ns - record.request.started_ns, 10 * second_ns);
    expect_number("uncertain", record.request.clock_uncertainty_s, 100100e-9);
    record_clear(&record);
    text_clear(&bytes);
    track_clear(&track);
}

static void test_what_is_cut_short_is_no_record(void **state)
{
    struct request sent = full();
    const struct request_texts texts = {"p", "c"};
    struct track track = {0};
    struct record record = {0};
    struct text bytes = {0};

    (void)state;
    records_pack(&sent, &texts, &track, &bytes);
    for (size_t length = 0; length < bytes.length; length++) {
        char *cut = memory_bytes(bytes.bytes, length);
        struct unpacking unpacking = {.at = cut, .left = length};

        assert_false(records_unpack(&unpacking, &record));
        free(cut);
    }
    record_clear(&record);
    text_clear(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_comes_as_it_was_sent),
        cmocka_unit_test(test_durations_stay_and_drift_is_told),
        cmocka_unit_test(test_what_is_cut_short_is_no_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
