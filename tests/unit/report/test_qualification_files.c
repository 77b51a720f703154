/* A qualification for other programs: JSON, JUnit and Markdown of the same lines, whose texts
 * hold what means something in each of them. */
#include "report/qualification_files.h"

#include <cjson/cJSON.h>

#include "support.h"

struct fixture {
    struct row row;
    struct qualification_line line[3];
    struct qualification_difference difference, server;
    struct qualification qualification;
};

/* One line fails by a ratio, one passes by a difference of shares, and one as of a single run. */
static void make(struct fixture *fixture)
{
    *fixture = (struct fixture){
        .row = {.model_name = (char *)"a|b<c>&\"d\".5",
                .input_tokens = 10,
                .output_tokens = 5,
                .num_requests = 4,
                .concurrent_requests = 2},
        .difference = {"settings.seed", "1", "`2`"},
        .server = {"server.version", "", "0.9|1"},
    };
    fixture->line[0] = (struct qualification_line){
        .row = &fixture->row,
        .measure = "client_ttft_s_p50",
        .unit = "s",
        .verdict = QUALIFICATION_REGRESSED,
        .reason = "is slower <by> 10 %",
        .base = {0.5, 2, 40},
        .candidate = {0.55, 3, 60},
        .change = 1.1,
        .low = 1.08,
        .high = 1.12,
        .p_adjusted = 0.01,
        .margin = 0.05,
        .least = NAN,
        .most = 2,
        .wall_s = 1.5,
    };
    fixture->line[1] = (struct qualification_line){
        .measure = "switch_paid_share",
        .unit = "share",
        .verdict = QUALIFICATION_PASS,
        .base = {0.5, 2, 40},
        .candidate = {0.25, 3, 60},
        .by_difference = true,
        .margin_in_points = true,
        .change = -0.25,
        .low = -0.5,
        .high = 0.125,
        .p_adjusted = NAN,
        .margin = 0.1,
        .least = NAN,
        .most = NAN,
        .wall_s = 0.25,
    };
    fixture->line[2] = fixture->line[1];
    fixture->line[2].measure = "switch_s";
    fixture->line[2].verdict = QUALIFICATION_PASS_ONE_RUN;
    fixture->qualification = (struct qualification){
        .base = "old & tried",
        .candidate = "new\x01 *one*",
        .base_runs = 2,
        .candidate_runs = 3,
        .started_s = INT64_C(1772409599), /* 2026-03-01 23:59:59 UTC */
        .policy = "p_1.yaml",
        .policy_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        .confidence = 0.95,
        .line = fixture->line,
        .lines = COUNT_OF(fixture->line),
        .count = {[QUALIFICATION_PASS] = 1,
                  [QUALIFICATION_PASS_ONE_RUN] = 1,
                  [QUALIFICATION_REGRESSED] = 1},
        .difference = &fixture->difference,
        .differences = 1,
        .server = &fixture->server,
        .servers = 1,
    };
}

static double number_at(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    expect_true(key, cJSON_IsNumber(item) || cJSON_IsNull(item));
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static void expect_numbers(const cJSON *object, const char *keys, const double *wanted)
{
    for (char *copy = memory_text(keys), *at = copy, *key; (key = strsep(&at, " ")); wanted++) {
        expect_number(key, number_at(object, key), *wanted);
        if (!at)
            free(copy);
    }
}

/* A change is a ratio or a difference, never both; what is not known is null. */
static void test_json_tells_every_number(void **state)
{
    static const char keys[] = "base candidate ratio ratio_low ratio_high difference "
                               "difference_low difference_high p_adjusted margin min max base_runs "
                               "base_requests candidate_runs candidate_requests";
    static const double wanted[][16] = {
        {0.5, 0.55, 1.1, 1.08, 1.12, NAN, NAN, NAN, 0.01, 0.05, NAN, 2, 2, 40, 3, 60},
        {0.5, 0.25, NAN, NAN, NAN, -0.25, -0.5, 0.125, NAN, 0.1, NAN, NAN, 2, 40, 3, 60},
    };
    struct fixture fixture;
    struct text text = {0};
    cJSON *root;
    const cJSON *lines, *server;

    (void)state;
    make(&fixture);
    qualification_add_json(&fixture.qualification, &text);
    assert_int_equal(text.bytes[text.length - 1], '\n');
    root = cJSON_ParseWithOpts(text.bytes, NULL, true);
    lines = cJSON_GetObjectItemCaseSensitive(root, "lines");
    assert_int_equal(cJSON_GetArraySize(lines), 3);
    for (int i = 0; i < 2; i++)
        expect_numbers(cJSON_GetArrayItem(lines, i), keys, wanted[i]);
    server = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(root, "server_differences"), 0);
    expect_text("what differs",
                cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(server, "candidate")),
                "0.9|1");
    cJSON_Delete(root);
    text_clear(&text);
}

/* Names of classes have no dots; nothing stands in it that XML cannot hold. */
static void test_junit_has_a_case_for_each_line_and_a_failure_for_each_that_fails(void **state)
{
    static const char *const parts[] = {
        "<testsuite name=\"new? *one* against old &amp; tried\" tests=\"3\" failures=\"1\" "
        "errors=\"0\" skipped=\"0\" timestamp=\"2026-03-01T23:59:59\" hostname=\"unknown\" "
        "time=\"2.000\">\n",
        "<property name=\"verdict\" value=\"fail\"/>",
        "<property name=\"candidate_runs\" value=\"3\"/>",
        "<testcase classname=\"a|b&lt;c&gt;&amp;&quot;d&quot;-5 10→5 c=2\" "
        "name=\"client_ttft_s_p50\" time=\"1.500\">\n"
        "    <failure type=\"regressed\" message=\"is slower &lt;by&gt; 10 %\">is slower "
        "&lt;by&gt; 10 %; 500 ms → 550 ms, +10.0 % (+8.0 to +12.0); allowed: at most 5 % worse, at "
        "most 2 s</failure>\n",
        "<testcase classname=\"all rows\" name=\"switch_paid_share\" time=\"0.250\"/>\n",
    };
    struct fixture fixture;
    struct text text = {0};

    (void)state;
    make(&fixture);
    qualification_add_junit(&fixture.qualification, &text);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        expect_part("junit", text.bytes, parts[i]);
    text_clear(&text);
}

/* Texts stay texts, and a cell a cell. */
static void test_markdown_means_what_it_says(void **state)
{
    static const char *const parts[] = {
        "## Qualification: **FAIL**\n\n**FAIL: 1 of 3 lines does not pass: TTFT p50 of ",
        "2 of 3 lines pass: 1 pass (one run), 1 regressed.\n",
        "Baseline old \\& tried (runs: 2), candidate new  \\*one\\* (runs: 3), policy p\\_1.yaml "
        "(SHA-256 0123456789ab…).\n",
        "| **regressed** | a\\|b\\<c\\>\\&\"d\".5 10→5 c=2 | client\\_ttft\\_s\\_p50 | 500 ms | "
        "550 ms | +10.0 % (+8.0 to +12.0) | at most 5 % worse, at most 2 s | is slower "
        "\\<by\\> 10 % |\n",
        "<summary>2 that pass</summary>",
        "| pass | all rows | switch\\_paid\\_share | 50 % | 25 % | ",
        "- settings.seed: 1 → \\`2\\`\n",
        "- server.version: – → 0.9\\|1\n",
    };
    struct fixture fixture;
    struct text text = {0};

    (void)state;
    make(&fixture);
    qualification_add_markdown(&fixture.qualification, &text);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        expect_part("markdown", text.bytes, parts[i]);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_tells_every_number),
        cmocka_unit_test(test_junit_has_a_case_for_each_line_and_a_failure_for_each_that_fails),
        cmocka_unit_test(test_markdown_means_what_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
