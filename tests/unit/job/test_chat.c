/* A conversation as a data set, and a response's figures in words. */
#include "job/chat.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "job/chat_words.h"
#include "support.h"

static void test_dataset(void **state)
{
    const struct text png = {.bytes = (char *)"\x89PNG\r\n\x1a\n1234", .length = 12};
    struct chat_picture picture = {0};
    struct chat chat = {0};
    struct text line = {0};
    struct error error;

    (void)state;
    chat_set_system(&chat, "Be \"short\".");
    assert_true(chat_picture_take(&picture, "a.png", &png, &error));
    chat_add(&chat, false, "What\nis it?", &picture);
    assert_null(picture.type);
    chat_add(&chat, true, "A \xff dog", NULL);
    assert_int_equal(chat_add_dataset(&chat, &line), 1);
    expect_text("line", line.bytes,
                "{\"messages\":[{\"role\":\"system\",\"content\":\"Be \\\"short\\\".\"},"
                "{\"role\":\"user\",\"content\":\"What\\u000ais it?\"},"
                "{\"role\":\"assistant\",\"content\":\"A \xef\xbf\xbd dog\"}]}\n");
    text_clear(&line);
    chat_set_system(&chat, "");
    assert_null(chat.system);
    chat_clear(&chat);
}

static void test_what_is_no_picture(void **state)
{
    const struct text gif = {.bytes = (char *)"GIF89a 1234", .length = 11};
    struct chat_picture picture = {0};
    struct error error;

    (void)state;
    assert_false(chat_picture_take(&picture, "a.gif", &gif, &error));
    expect_text("gif", error.text, "a.gif is neither PNG nor JPEG; convert it");
    assert_false(chat_picture_read(&picture, "/nowhere/a.png", &error));
    chat_picture_clear(&picture);
}

/* clang-format off */
static const struct {
    const char *name;
    struct chat_response response;
    const char *switched, *end;
} cases[] = {
    {"plain", {.finish_reason = "stop"}, "", ""},
    {"by the limit", {.finish_reason = "length"}, "", "ended by the limit of 64 tokens"},
    {"by Anthropic's limit", {.finish_reason = "max_tokens"}, "", "ended by the limit of 64 tokens"},
    {"filtered", {.finish_reason = "content_filter"}, "", "cut by a filter of the endpoint"},
    {"stopped", {.stopped = true}, "", "stopped"},
    {"whole", {.in_one_piece = true, .finish_reason = "stop"}, "", "came in one piece, not as a stream"},
    {"after another", {.switched = {true, false, 0.264, 3}},
     "first answer after another model: +0.26 s (against 3 others of it)", ""},
    {"less", {.switched = {true, true, -0.02, 1}},
     "this model's first answer after another model: −0.02 s (against 1 other of it)", ""},
};
/* clang-format on */

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text switched = {0}, end = {0};

        chat_add_switch(&cases[i].response.switched, &switched);
        chat_add_end(&cases[i].response, 64, &end);
        expect_text(cases[i].name, switched.bytes ? switched.bytes : "", cases[i].switched);
        expect_text(cases[i].name, end.bytes ? end.bytes : "", cases[i].end);
        text_clear(&switched);
        text_clear(&end);
    }
}

static void test_figures(void **state)
{
    struct chat_response response = {.failure = (char *)"429: \"no\"", .finish_reason = "stop"};
    struct text json = {0};
    cJSON *read;

    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++)
        response.figures.value[i] = NAN;
    response.figures.value[METRIC_CLIENT_END_TO_END_LATENCY_S] = 1.2345;
    response.figures.value[METRIC_CLIENT_TTFT_S] = 0.0421;
    response.figures.value[METRIC_NUMBER_INPUT_TOKENS] = 1;
    response.figures.value[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = 98.76;
    text_add_char(&json, '{');
    chat_add_json(&response, 64, &json);
    text_add_char(&json, '}');
    read = cJSON_Parse(json.bytes);
    assert_non_null(read);
    cJSON_Delete(read);
    expect_text("json", json.bytes,
                "{\"figures\":{\"latency_s\":1.2345,\"ttft_s\":0.0421,\"output_token_per_s\":98.76,"
                "\"input_tokens\":1,\"output_tokens\":null},\"words\":[[\"latency\",\"1.23 s\"],"
                "[\"time to first token\",\"42.1 ms\"],[\"throughput\",\"98.8 tokens/s\"],"
                "[\"prompt\",\"1 token\"],[\"response\",\"–\"]],\"switch_s\":null,"
                "\"switch_words\":null,\"finish_reason\":\"stop\",\"end\":null,\"stopped\":false,"
                "\"failure\":\"429: \\\"no\\\"\"}");
    text_clear(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dataset), cmocka_unit_test(test_what_is_no_picture),
        cmocka_unit_test(test_words), cmocka_unit_test(test_figures)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
