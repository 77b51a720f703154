/* switching.json: the documented keys, and null for what is not known. */
#include "store/study_file.h"

#include <cjson/cJSON.h>

#include "support.h"

static char model[] = "m \"x\"";

static struct step step_of(size_t index, double exposed)
{
    struct step step = {.index = index,
                        .name = memory_text("s"),
                        .predecessor = (long)index - 1,
                        .completed = 4,
                        .pass = 1,
                        .row = {.model_name = memory_text(model),
                                .input_tokens = 10,
                                .output_tokens = 2,
                                .num_requests = 4,
                                .concurrent_requests = 1,
                                .line = 2},
                        .switching = {.verdict = SWITCHING_NONE, .time_s = NAN},
                        .measurement = {.batch_size = 1, .connect_s = NAN, .queue_s = 0.5}};

    step.measurement.side[SWITCH_SERVER] = (struct switch_side){.exposed_s = exposed,
                                                                .steady_s = 0.2,
                                                                .steady = 3,
                                                                .log_ratio = log(exposed / 0.2),
                                                                .log_squares = 2e-4};
    return step;
}

static const cJSON *member(const cJSON *object, const char *key)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!found)
        fail_msg("no key '%s'", key);
    return found;
}

static void expect_keys(const cJSON *object, const char *const *keys)
{
    for (; *keys; keys++)
        member(object, *keys);
}

/* The list in docs/switching.md. */
static const char *const of_study[] = {"steady",    "variation",   "loading",
                                       "residency", "call_mix",    "call_mix_at_rate",
                                       "models",    "inside_rows", NULL};
static const char *const conclusion[] = {"verdict",
                                         "reason",
                                         "source",
                                         "estimate_s",
                                         "ci_low_s",
                                         "ci_high_s",
                                         "none_above_s",
                                         "smallest_detectable_s",
                                         "p",
                                         "p_adjusted",
                                         "client_estimate_s",
                                         "visits",
                                         "visits_measured",
                                         "visits_switched",
                                         "spread",
                                         "degrees_of_freedom",
                                         "flags",
                                         NULL};
static const char *const counts[] = {"visits_paid", "visits_not_paid", "visits_unknown", NULL};
static const char *const of_step[] = {"run",
                                      "paid",
                                      "paid_probability",
                                      "left_out",
                                      "step_index",
                                      "name",
                                      "row",
                                      "pass",
                                      "warmup",
                                      "predecessor_step_index",
                                      "switch_by_batch_size",
                                      "switching_time",
                                      "switching_time_largest_batch_s",
                                      "method",
                                      "exposed_requests",
                                      "steady_requests",
                                      "batch_size",
                                      "server",
                                      "client",
                                      "connect_s",
                                      "queue_s",
                                      "inside",
                                      NULL};

static void test_a_study_is_written_with_every_documented_key(void **state)
{
    struct step steps[] = {step_of(0, 0.5), step_of(1, 0.2)};
    struct results run = {.name = memory_text("r"), .step = steps, .count = 2};
    struct study study = {0};
    struct text json = {0};
    const cJSON *item;
    cJSON *root;

    (void)state;
    steps[1].measurement.reason = SWITCH_FIRST_FAILED;
    study_add(&study, steps, 2);
    study_conclude(&study);
    study_file_add_json(&study, &run, 1, &json);
    root = cJSON_Parse(json.bytes);
    expect_text("schema", member(root, "schema")->valuestring, "coebench-switching-1");
    expect_text("run", member(root, "runs")->child->valuestring, "r");
    expect_keys(root, of_study);
    item = member(root, "rows")->child;
    expect_keys(item, counts);
    expect_keys(item, conclusion);
    expect_text("row", member(member(item, "row"), "model")->valuestring, model);
    expect_text("verdict", member(item, "verdict")->valuestring, "detected");
    expect_number("estimate", member(item, "estimate_s")->valuedouble, 0.3);
    expect_number("visits", member(item, "visits")->valuedouble, 2);
    expect_number("measured", member(item, "visits_measured")->valuedouble, 1);
    assert_true(cJSON_IsNull(member(item, "reason")));
    assert_true(cJSON_IsNull(member(item, "none_above_s")));
    expect_keys(member(root, "models")->child, counts);
    item = member(root, "transitions")->child;
    expect_keys(item, counts);
    assert_true(cJSON_IsNull(member(item, "from")));
    expect_keys(item, conclusion);
    item = member(root, "steps")->child;
    expect_keys(item, conclusion);
    expect_keys(item, of_step);
    assert_true(cJSON_IsNull(member(item, "predecessor_step_index")));
    assert_true(cJSON_IsNull(member(item, "connect_s")));
    assert_true(cJSON_IsNull(member(member(item, "client"), "exposed_ttft_s")));
    item = item->next;
    expect_text("reason", member(item, "reason")->valuestring, "first request failed");
    expect_text("verdict", member(item, "verdict")->valuestring, "not measurable");
    assert_true(cJSON_IsNull(member(item, "estimate_s")));
    assert_null(cJSON_GetObjectItemCaseSensitive(item, "method"));
    cJSON_Delete(root);
    text_clear(&json);
    study_clear(&study);
    free(run.name);
    for (size_t i = 0; i < 2; i++)
        step_clear(&steps[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_study_is_written_with_every_documented_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
