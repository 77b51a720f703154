/* The sentence, the title, the bars and the tiles with which each kind of report opens. */
#include "report/headline.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/qualification_table.h"
#include "support.h"

enum { STEPS = 3 };

/* A run of three rows of two models, with its study. */
struct given {
    struct step step[STEPS];
    struct study_group row[3];
    struct study_model model[2];
    struct error_count error[2];
    struct manifest_fact fact[4];
    struct study study;
    struct results run;
    struct report report;
};

static void set_step(struct step *step, size_t index, const char *model, double ttft_s)
{
    struct metric_summary *ttft = &step->metric[METRIC_CLIENT_TTFT_S];
    struct metric_summary *speed = &step->metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S];

    *step = (struct step){.index = index,
                          .row = {.model_name = (char *)model,
                                  .input_tokens = 1000,
                                  .output_tokens = 64,
                                  .num_requests = 10,
                                  .concurrent_requests = (int64_t)index + 1},
                          .started = 10,
                          .completed = 10,
                          .client_total_output_throughput = 100 * ttft_s * 10};
    ttft->count = speed->count = 10;
    for (int i = 0; i < METRIC_QUANTILES; i++)
        ttft->quantile[i] = ttft_s * (1 + 0.1 * (i - 2));
    speed->quantile[2] = 45.23;
}

static void set_row(struct study_group *row, const struct row *to, double cost_s)
{
    *row = (struct study_group){.to = to, .estimate = {.verdict = SWITCH_DETECTED}};
    row->estimate.value_s = cost_s;
}

static struct study_model model_of(const char *name, double cost_s)
{
    return (struct study_model){.name = name,
                                .rows = 1,
                                .cost = {.visits = 4,
                                         .paid = 3,
                                         .not_paid = 1,
                                         .cost_s = cost_s,
                                         .cost_low_s = cost_s - 0.004,
                                         .cost_high_s = cost_s + 0.004}};
}

static void set_up(struct given *given)
{
    static const char small[] = "small", large[] = "large";

    *given = (struct given){0};
    set_step(&given->step[0], 0, small, 0.0492);
    set_step(&given->step[1], 1, large, 0.413);
    set_step(&given->step[2], 2, large, 0.3);
    set_row(&given->row[0], &given->step[0].row, 0.0492);
    set_row(&given->row[1], &given->step[1].row, 0.413);
    given->model[0] = model_of(small, 0.0492);
    given->model[1] = model_of(large, 0.413);
    given->study =
        (struct study){.row = given->row, .rows = 2, .model = given->model, .models = 2, .runs = 1};
    given->fact[0] =
        (struct manifest_fact){(char *)"endpoint.address", (char *)"https://node:8/v1"};
    given->fact[1] = (struct manifest_fact){(char *)"settings.labels.release", (char *)"1.4"};
    given->fact[2] = (struct manifest_fact){(char *)"started_utc", (char *)"2026-11-28T10:00:00Z"};
    given->fact[3] = (struct manifest_fact){(char *)"endpoint.key_source",
                                            (char *)"SAMBANOVA_API_KEY (environment)"};
    given->run = (struct results){.step = given->step,
                                  .count = STEPS,
                                  .planned = STEPS,
                                  .repeats = true,
                                  .manifest = {.fact = given->fact, .facts = 4}};
    given->report = (struct report){.run = &given->run, .runs = 1, .study = &given->study};
}

static void expect(const struct given *given, enum headline_kind kind, const char *title,
                   const char *sentence)
{
    struct headline headline;

    headline_make(&given->report, &headline);
    assert_int_equal(headline.kind, kind);
    assert_string_equal(headline.title, title);
    assert_string_equal(headline.sentence, sentence);
    headline_clear(&headline);
}

static const char study_title[] =
    "Switching study of 2 models · node:8/v1 · release 1.4 · 2026-11-28";

static void says_what_a_study_found(void **state)
{
    struct given given;

    (void)state;
    set_up(&given);
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded");
    given.study.call_mix =
        (struct study_call_mix){.calls = 100, .paid_share = 0.1, .time_share = 0.173};
    given.study.residency = (struct study_residency){.revisits = 9,
                                                     .units = 2,
                                                     .rule = RESIDENCY_LRU,
                                                     .by_weight = true,
                                                     .gb_low = 891,
                                                     .gb_high = 900};
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded; 17 % of your call mix goes "
           "to switching; the node keeps 891 GB");
    given.study.call_mix.call_rate = 2;
    given.study.call_mix.queue[0] = (struct study_queue){.calls = 100,
                                                         .stable = true,
                                                         .utilisation = 0.6,
                                                         .time_share = 0.231,
                                                         .switch_wait_s = 0.167};
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded; at 2.00 calls/s your mix "
           "spends 23 % of the node's time switching, and a call waits 167 ms longer; the node "
           "keeps 891 GB");
    given.study.call_mix.queue[0].stable = false;
    given.study.call_mix.queue[0].utilisation = 1.4;
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded; at 2.00 calls/s your mix "
           "needs 140 % of the node's time, more than there is; the node keeps 891 GB");
    given.study.call_mix.queue[0].calls = 0;
    given.study.call_mix.time_share = 0;
    given.study.residency.gb_high = INFINITY;
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded; your call mix pays for no "
           "switch; the node keeps all models, 891 GB");
}

static void says_where_a_switch_is_not_seen(void **state)
{
    struct given given;

    (void)state;
    set_up(&given);
    given.row[0].estimate =
        (struct switch_estimate){.verdict = SWITCH_NOT_DETECTED, .low_s = -0.004, .high_s = 0.005};
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 413 ms; 1 of 2 models shows none above 5.00 ms");
    given.row[1].estimate = given.row[0].estimate;
    expect(&given, HEADLINE_STUDY, study_title, "No switch costs more than 5.00 ms");
    given.row[1].estimate =
        (struct switch_estimate){.verdict = SWITCH_INCONCLUSIVE, .smallest_s = 0.12};
    expect(&given, HEADLINE_STUDY, study_title,
           "No switch was found, though one under 120 ms may be missed");
    set_row(&given.row[0], &given.step[0].row, 0.0492);
    set_row(&given.row[1], &given.step[1].row, 0.0492);
    given.model[1].cost.cost_s = 0.04921;
    expect(&given, HEADLINE_STUDY, study_title, "A switch costs 49.2 ms");
}

static void shows_a_bar_for_each_model(void **state)
{
    struct given given;
    struct headline headline;

    (void)state;
    set_up(&given);
    given.row[0].estimate =
        (struct switch_estimate){.verdict = SWITCH_NOT_MEASURABLE, .reason = SWITCH_ALL_EXPOSED};
    headline_make(&given.report, &headline);
    assert_int_equal(headline.bars, 2);
    assert_string_equal(headline.bar_unit, "s");
    assert_string_equal(headline.bar[0].label, "small");
    assert_true(isnan(headline.bar[0].value));
    assert_memory_equal(headline.bar[0].words, "not measurable: ", 16);
    assert_string_equal(headline.bar[1].label, "large");
    assert_true(headline.bar[1].value == 0.413 && headline.bar[1].low == 0.413 - 0.004);
    assert_string_equal(headline.bar[1].words, "413 ms (409 to 417 ms), paid in 3 of 4 visits");
    headline_clear(&headline);
}

/* Of a model's rows one that shows a switch decides, wherever it stands. */
static void a_model_costs_what_any_of_its_rows_shows(void **state)
{
    static const struct switch_estimate none = {
        .verdict = SWITCH_NOT_DETECTED, .low_s = -0.004, .high_s = 0.005};
    struct given given;

    (void)state;
    set_up(&given);
    given.row[2] = (struct study_group){.to = &given.step[2].row, .estimate = none};
    given.study.rows = 3;
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded");
    given.row[2].estimate = given.row[1].estimate;
    given.row[1].estimate = none;
    expect(&given, HEADLINE_STUDY, study_title,
           "A switch costs 49.2 to 413 ms, by the model that is loaded");
}

static void says_what_a_batch_found(void **state)
{
    static const char title[] = "Benchmark of 2 models · node:8/v1 · release 1.4 · 2026-11-28";
    struct given given;
    struct headline headline;

    (void)state;
    set_up(&given);
    given.run.repeats = false;
    given.error[0] = (struct error_count){.code = "429", .count = 2};
    given.step[1].errors = 2;
    given.step[1].completed = 8;
    given.step[1].error = given.error;
    given.step[1].error_kinds = 1;
    expect(&given, HEADLINE_BATCH, title,
           "2 models: first token after 49.2 to 413 ms (median), 45.2 tokens/s a request, 49.2 to "
           "413 tokens/s in all; 2 of 30 requests failed (429 × 2)");
    headline_make(&given.report, &headline);
    assert_int_equal(headline.bars, 3);
    assert_string_equal(headline.bar[0].label, "small");
    assert_string_equal(headline.bar[1].label, "large 1000→64 c=2");
    assert_string_equal(headline.bar[0].words, "49.2 ms (39.4 to 64.0 ms)");
    assert_string_equal(headline.tile[0].title, "small");
    assert_string_equal(
        headline.tile[0].text,
        "First token after 49.2 ms (median), 45.2 tokens/s a request, 49.2 tokens/s "
        "in all; none of 10 requests failed");
    assert_string_equal(headline.tile[2].title, "Switching");
    headline_clear(&headline);
    given.run.mixes = 1; /* whose switches are not those of the rows that ran alone */
    headline_make(&given.report, &headline);
    assert_string_not_equal(headline.tile[2].title, "Switching");
    headline_clear(&headline);
}

static void says_why_a_run_failed(void **state)
{
    static const char title[] = "Failed run of 2 models · node:8/v1 · release 1.4 · 2026-11-28";
    static const struct {
        const char *code, *sentence;
    } cases[] = {
        {"401", "401: the endpoint refuses the key from SAMBANOVA_API_KEY (20 of 30 requests)"},
        {"connection_refused",
         "connection_refused: nothing listens at https://node:8/v1 (20 of 30 requests)"},
        {"418", "418: a teapot (20 of 30 requests)"},
    };
    struct given given;

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        set_up(&given);
        given.error[0] = (struct error_count){.count = 10, .example = "a teapot"};
        given.error[1] = (struct error_count){.code = "timeout", .count = 10};
        snprintf(given.error[0].code, sizeof given.error[0].code, "%s", cases[c].code);
        for (size_t i = 0; i < STEPS; i++) {
            given.step[i].completed = 0;
            given.step[i].errors = 10;
            given.step[i].error = &given.error[i == 0];
            given.step[i].error_kinds = 1;
        }
        expect(&given, HEADLINE_FAILED, title, cases[c].sentence);
    }
}

/* --- Comparison ------------------------------------------------------------------------------- */

static void says_what_regressed_and_by_how_much(void **state)
{
    struct row row = {.model_name = (char *)"large",
                      .input_tokens = 1000,
                      .output_tokens = 64,
                      .concurrent_requests = 1};
    struct qualification_line line[2] = {{.row = &row,
                                          .measure = "client_ttft_s_p50",
                                          .unit = "s",
                                          .verdict = QUALIFICATION_REGRESSED,
                                          .base = {.value = 0.213},
                                          .candidate = {.value = 0.24},
                                          .change = 1.127,
                                          .low = 1.1,
                                          .high = 1.15},
                                         {.row = &row,
                                          .measure = "error_rate",
                                          .unit = "share",
                                          .by_difference = true,
                                          .change = NAN}};
    struct qualification qualification = {
        .base_runs = 1, .candidate_runs = 3, .line = line, .lines = 2, .started_s = 86400};
    struct headline headline;

    (void)state;
    qualification.count[QUALIFICATION_REGRESSED] = qualification.count[QUALIFICATION_PASS] = 1;
    headline_of_qualification(&qualification, &headline);
    assert_int_equal(headline.kind, HEADLINE_COMPARE);
    assert_string_equal(headline.title, "Release comparison · 1970-01-02");
    assert_string_equal(headline.sentence,
                        "FAIL: 1 of 2 lines does not pass: TTFT p50 of large 1000→64 c=1 is worse, "
                        "240 ms where it was 213 ms, +12.7 % (+10.0 to +15.0)");
    assert_int_equal(headline.bars, 1);
    assert_true(fabs(headline.bar[0].value - 12.7) < 1e-9);
    assert_string_equal(headline.tile[1].text, "1 run of the baseline, 3 runs of the candidate");
    headline_clear(&headline);
}

static void writes_no_negative_nothing(void **state)
{
    const struct qualification_line line = {
        .unit = "s", .change = 0.9997, .low = 0.998, .high = 1.0004};
    char text[QUALIFICATION_VALUE];

    (void)state;
    assert_string_equal(qualification_change(&line, text), "+0.0 % (-0.2 to +0.0)");
}

static void says_why_lines_do_not_pass_where_none_is_worse(void **state)
{
    struct qualification_line line = {.measure = "client_ttft_s_p50",
                                      .unit = "s",
                                      .verdict = QUALIFICATION_TOO_FEW,
                                      .reason = "1 run of the candidate; the policy asks for 2",
                                      .change = NAN};
    struct qualification qualification = {.line = &line, .lines = 1};
    struct headline headline;

    (void)state;
    headline_of_qualification(&qualification, &headline);
    assert_string_equal(headline.sentence,
                        "FAIL: 1 of 1 line does not pass: too few (1 run of the candidate; the "
                        "policy asks for 2)");
    assert_int_equal(headline.bars, 0);
    headline_clear(&headline);
}

static void writes_markdown_without_foreign_markup(void **state)
{
    struct given given;
    struct headline headline;
    struct text text = {0};

    (void)state;
    set_up(&given);
    given.model[0].name = given.step[0].row.model_name = (char *)"a|b*c";
    headline_make(&given.report, &headline);
    headline_add_markdown(&headline, &text);
    expect_part("title", text.bytes, "## Switching study of 2 models · node:8/v1");
    expect_part("sentence", text.bytes,
                "\n\n**A switch costs 49.2 to 413 ms, by the model that is "
                "loaded.**\n");
    expect_part("bar", text.bytes,
                "| a\\|b\\*c | 49.2 ms (45.2 to 53.2 ms), paid in 3 of 4 visits |");
    expect_part("tile", text.bytes, "- Failures: None of 30 requests failed\n");
    text_clear(&text);
    headline_clear(&headline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_a_study_found),
        cmocka_unit_test(says_where_a_switch_is_not_seen),
        cmocka_unit_test(shows_a_bar_for_each_model),
        cmocka_unit_test(a_model_costs_what_any_of_its_rows_shows),
        cmocka_unit_test(says_what_a_batch_found),
        cmocka_unit_test(says_why_a_run_failed),
        cmocka_unit_test(says_what_regressed_and_by_how_much),
        cmocka_unit_test(writes_no_negative_nothing),
        cmocka_unit_test(says_why_lines_do_not_pass_where_none_is_worse),
        cmocka_unit_test(writes_markdown_without_foreign_markup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
