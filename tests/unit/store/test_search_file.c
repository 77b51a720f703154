/* What a search keeps comes back as it was. */
#include "store/search_file.h"

#include "store/manifest.h"
#include "support.h"

static void test_a_step_comes_back(void **state)
{
    struct search_step step = {.trial = {.load = 7.25,
                                         .calls = 236,
                                         .good = 220,
                                         .inflation = 3.5,
                                         .alike = 5,
                                         .in_flight = NAN,
                                         .growth = 0.01,
                                         .growth_error = 0.02,
                                         .throughput = 6.5,
                                         .throughput_error = 0.5,
                                         .growing = true,
                                         .client_limited = true,
                                         .verdict = TRIAL_BROKEN},
                               .confirms = true,
                               .requests = 266,
                               .seconds = 31.5,
                               .limit = "client_ttft_s"},
                       back;
    struct text json = {0};

    (void)state;
    search_step_add(&step, &json);
    assert_true(search_step_read(json.bytes, &back));
    assert_true(back.trial.load == 7.25 && back.trial.calls == 236 && back.trial.good == 220);
    assert_true(back.trial.inflation == 3.5 && back.trial.alike == 5);
    assert_true(isnan(back.trial.in_flight) && back.trial.growth == 0.01);
    assert_true(back.trial.growth_error == 0.02 && back.trial.throughput == 6.5);
    assert_true(back.trial.throughput_error == 0.5 && back.trial.growing);
    assert_true(back.trial.client_limited && back.trial.verdict == TRIAL_BROKEN);
    assert_true(back.confirms && back.requests == 266 && back.seconds == 31.5);
    expect_text("limit", back.limit, "client_ttft_s");
    text_clear(&json);
}

static void test_what_is_no_step_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "{}",
                                        "[]",
                                        "3",
                                        "{\"load\":0,\"inflation\":1}",
                                        "{\"load\":2,\"inflation\":1}",
                                        "{\"load\":2,\"seconds\":1}"};
    struct search_step step;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        expect_true(texts[i], !search_step_read(texts[i], &step));
}

/* By the way of a manifest. */
static void test_rows_come_back_from_a_manifest(void **state)
{
    const struct search_found found[] = {
        {.line = 2,
         .by = SEARCH_BY_QPS,
         .trace_qps = NAN,
         .end = "found",
         .load = 7.2,
         .low = 6.9,
         .high = 7.6,
         .kept = 6.5,
         .broken = 8,
         .knee = 9.5,
         .limit = "saturation",
         .confirmed = true,
         .steps = 9,
         .requests = 4000,
         .seconds = 610.5,
         .sentence = "max_qps 7.2"},
        {.line = 5,
         .by = SEARCH_BY_CONCURRENCY,
         .trace_qps = NAN,
         .end = "never_kept",
         .load = NAN,
         .low = NAN,
         .high = NAN,
         .kept = NAN,
         .broken = 1,
         .knee = NAN,
         .sentence = "never kept"},
        {.line = 7,
         .mix = "a.day, \"late\"",
         .by = SEARCH_BY_TRACE_SPEED,
         .trace_qps = 4,
         .end = "found",
         .load = 2.5,
         .low = 2.25,
         .high = 2.75,
         .kept = NAN,
         .broken = NAN,
         .knee = NAN},
    };
    struct manifest_content content;
    struct search_found *back;
    struct text json = {0}, manifest = {0};
    struct error error;
    size_t count;

    (void)state;
    search_found_add(found, 3, &json);
    text_printf(&manifest, "{\"visits\":[2,5],\"search\":%s}", json.bytes);
    support_write("manifest.json", manifest.bytes);
    assert_true(manifest_read(".", &content, &error));
    back = search_found_read(&content, &count);
    assert_int_equal(count, 3);
    assert_true(back[0].line == 2 && back[0].by == SEARCH_BY_QPS && back[0].load == 7.2);
    assert_true(back[0].low == 6.9 && back[0].high == 7.6 && back[0].kept == 6.5);
    assert_true(back[0].broken == 8 && back[0].knee == 9.5 && back[0].confirmed);
    assert_true(back[0].steps == 9 && back[0].requests == 4000 && back[0].seconds == 610.5);
    expect_text("limit", back[0].limit, "saturation");
    expect_text("sentence", back[0].sentence, "max_qps 7.2");
    assert_true(back[1].line == 5 && back[1].by == SEARCH_BY_CONCURRENCY && isnan(back[1].load));
    assert_true(isnan(back[1].kept) && back[1].broken == 1 && !back[1].confirmed);
    expect_text("end", back[1].end, "never_kept");
    expect_text("a row alone", back[1].mix, "");
    expect_text("a mix", back[2].mix, "a.day, \"late\"");
    assert_true(back[2].by == SEARCH_BY_TRACE_SPEED && back[2].load == 2.5);
    assert_true(back[2].low == 2.25 && back[2].high == 2.75 && back[2].trace_qps == 4);
    expect_text("as a rate", manifest_find(&content, "search.row_7.max_qps"), "10");
    expect_text("its end", manifest_find(&content, "search.row_7.max_qps_high"), "11");
    free(back);
    manifest_content_clear(&content);
    text_clear(&manifest);
    text_clear(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_comes_back),
        cmocka_unit_test(test_what_is_no_step_is_refused),
        in_folder(test_rows_come_back_from_a_manifest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
