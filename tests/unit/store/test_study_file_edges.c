/* switching.json: its values, from conclusions made by hand. */
#include "store/study_file.h"

#include <cjson/cJSON.h>

#include "support.h"

static char model[] = "m", step_name[] = "s", run_name[] = "r", set[] = "d.jsonl";

static const cJSON *member(const cJSON *object, const char *key)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!found)
        fail_msg("no key '%s'", key);
    return found;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *found = member(object, key);

    if (!cJSON_IsNumber(found))
        fail_msg("'%s' is no number", key);
    return found->valuedouble;
}

static bool is_null(const cJSON *object, const char *key)
{
    return cJSON_IsNull(member(object, key));
}

static cJSON *written(const struct study *study, struct step *steps, size_t count)
{
    const struct results run = {.name = run_name, .step = steps, .count = count};
    struct text json = {0};
    cJSON *root;

    study_file_add_json(study, &run, 1, &json);
    expect_true("a last line of its own", json.bytes[json.length - 1] == '\n');
    root = cJSON_Parse(json.bytes);
    text_clear(&json);
    return root;
}

/* One row with this conclusion. */
static cJSON *written_row(const struct row *row, struct switch_estimate estimate)
{
    struct study_group group = {
        .to = row,
        .estimate = estimate,
        .steady_s = 0.2,
        .cost = {4, 3, 1, 2, 0.75, 0.19, 0.99, 0.5, 0.4, 0.6, 0.05, 20, 3, NAN, true},
        .order_p = 0.25};
    const struct study study = {.row = &group, .rows = 1, .transition = &group, .transitions = 1};

    return written(&study, NULL, 0);
}

/* "None above" is the interval's end, and never below its half width, here 0.02 s; only where none
 * was found. */
static void test_none_above_is_reported_only_where_there_is_none(void **state)
{
    static const struct {
        const char *name;
        enum switch_verdict verdict;
        double high_s, none_above_s; /* NAN: null */
        int flags;
    } cases[] = {
        {"none", SWITCH_NOT_DETECTED, 0.03, 0.03, 0},
        {"none, and faster", SWITCH_NOT_DETECTED, -0.01, 0.02, 0},
        {"one", SWITCH_DETECTED, 0.03, NAN, 0},
        {"not sure", SWITCH_INCONCLUSIVE, 0.03, NAN, 0},
        {"not measurable", SWITCH_NOT_MEASURABLE, 0.03, NAN, 0},
        {"one at another batch size", SWITCH_NOT_DETECTED, 0.03, NAN, SWITCH_FLAG_INSIDE},
    };
    const struct row row = {.model_name = model, .concurrent_requests = 1};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cJSON *root = written_row(&row, (struct switch_estimate){.verdict = cases[i].verdict,
                                                                 .low_s = cases[i].high_s - 0.04,
                                                                 .high_s = cases[i].high_s,
                                                                 .visits = 4,
                                                                 .switched = 2,
                                                                 .flags = cases[i].flags});
        const cJSON *item = member(root, "rows")->child;
        bool told = cases[i].verdict != SWITCH_NOT_MEASURABLE;

        if (isnan(cases[i].none_above_s))
            expect_true(cases[i].name, is_null(item, "none_above_s"));
        else
            expect_number(cases[i].name, number(item, "none_above_s"), cases[i].none_above_s);
        expect_true(cases[i].name, is_null(item, "source") == !told);
        expect_true(cases[i].name, is_null(item, "visits_switched") == !told);
        if (told)
            expect_number(cases[i].name, number(item, "visits_switched"), 3);
        cJSON_Delete(root);
    }
}

static void test_costs_and_orders_stand_where_they_belong(void **state)
{
    static const char *const keys[] = {
        "visits_paid",    "visits_not_paid", "visits_unknown", "visits_switched", "paid_share",
        "paid_share_low", "paid_share_high", "cost_s",         "cost_low_s",      "cost_high_s"};
    static const double values[] = {3, 1, 2, 3, 0.75, 0.19, 0.99, 0.5, 0.4, 0.6};
    const struct row row = {.model_name = model, .concurrent_requests = 1};
    cJSON *root = written_row(&row, (struct switch_estimate){0});
    const cJSON *of_row = member(root, "rows")->child;
    const cJSON *of_transition = member(root, "transitions")->child;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        expect_number(keys[i], number(of_row, keys[i]), values[i]);
        expect_number(keys[i], number(of_transition, keys[i]), values[i]);
    }
    expect_number("order", number(of_row, "order_p"), 0.25);
    assert_null(cJSON_GetObjectItemCaseSensitive(of_transition, "order_p"));
    expect_number("steady", number(of_row, "steady_ttft_s"), 0.2);
    expect_number("level", number(root, "level"), 0.01);
    expect_number("confidence", number(root, "confidence"), 0.95);
    expect_number("power", number(root, "power"), 0.8);
    assert_true(is_null(root, "loading"));
    assert_true(is_null(root, "residency"));
    cJSON_Delete(root);
}

/* Each key by its own number; what no rule claims is null. */
static void test_residency_claims_what_its_rule_does(void **state)
{
    static const char *const keys[] = {"revisits",
                                       "units",
                                       "capacity_rows",
                                       "capacity_rows_low",
                                       "capacity_rows_high",
                                       "probability",
                                       "lru_probability",
                                       "revisits_unexplained",
                                       "capacity_gb_low",
                                       "capacity_gb_high",
                                       "idle_expiry_probability",
                                       "idle_expiry_s",
                                       "idle_expiry_low_s",
                                       "idle_expiry_high_s",
                                       "misfit_p"};
    static const double values[] = {12,  4,   3,      2,    5,  0.875, 0.75, 1,
                                    100, 120, 0.0625, 30.5, 29, 31,    0.5};
    size_t visits[] = {6, 7, 8, 9}, paid[] = {0, 1, 2, 3};
    struct study study = {.residency = {4,    true, visits, paid,  12,   RESIDENCY_FIFO,
                                        3,    2,    5,      0.875, 0.75, 0.0625,
                                        30.5, 29,   31,     1,     0.5,  100,
                                        120,  1,    false}};
    cJSON *root = written(&study, NULL, 0);
    const cJSON *residency = member(root, "residency");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        expect_number(keys[i], number(residency, keys[i]), values[i]);
    expect_text("rule", member(residency, "rule")->valuestring, "fifo");
    expect_text("unit", member(residency, "unit")->valuestring, "expert configuration");
    expect_number("visits",
                  number(cJSON_GetArrayItem(member(residency, "by_distance"), 2), "visits"), 8);
    cJSON_Delete(root);
    study.residency.rule = RESIDENCY_NONE_FITS;
    root = written(&study, NULL, 0);
    residency = member(root, "residency");
    expect_text("none", member(residency, "rule")->valuestring, "none fits");
    assert_true(is_null(residency, "capacity_rows"));
    assert_true(is_null(residency, "capacity_rows_high"));
    expect_number("unexplained", number(residency, "revisits_unexplained"), 1);
    cJSON_Delete(root);
    study.residency.rule = RESIDENCY_NOT_KNOWN;
    root = written(&study, NULL, 0);
    residency = member(root, "residency");
    expect_text("unknown", member(residency, "rule")->valuestring, "cannot be told");
    assert_true(is_null(residency, "revisits_unexplained"));
    cJSON_Delete(root);
}

/* Each flag by its own word, and a sum of them in order. */
static void test_flags_are_words(void **state)
{
    const struct row row = {.model_name = model, .concurrent_requests = 1};

    (void)state;
    for (int i = 0; i < SWITCH_FLAGS; i++) {
        cJSON *root = written_row(&row, (struct switch_estimate){.flags = 1 << i});
        const cJSON *flags = member(member(root, "rows")->child, "flags");

        assert_int_equal(cJSON_GetArraySize(flags), 1);
        assert_string_equal(flags->child->valuestring, switch_flag_words[i]);
        cJSON_Delete(root);
    }
    assert_string_equal(switch_flag_words[0], "queue_contaminated"); /* as documented … */
    assert_string_equal(switch_flag_words[9], "rule_disagrees");  /* … first, in the midst … */
    assert_string_equal(switch_flag_words[20], "exposed_faster"); /* … and last */
}

static void test_a_row_tells_how_it_is_sent(void **state)
{
    const struct row closed = {.model_name = model, .concurrent_requests = 4, .line = 3};
    const struct row open = {.model_name = model,
                             .qps = 2.5,
                             .qps_distribution = ROW_EXPONENTIAL,
                             .multimodal_img_size = ROW_LARGE,
                             .dataset = set};
    cJSON *root = written_row(&closed, (struct switch_estimate){0});
    const cJSON *row = member(member(root, "rows")->child, "row");

    (void)state;
    expect_number("concurrency", number(row, "num_concurrent_requests"), 4);
    expect_number("line", number(row, "row_line"), 3);
    assert_null(cJSON_GetObjectItemCaseSensitive(row, "qps"));
    assert_null(cJSON_GetObjectItemCaseSensitive(row, "dataset"));
    cJSON_Delete(root);
    root = written_row(&open, (struct switch_estimate){0});
    row = member(member(root, "rows")->child, "row");
    expect_number("rate", number(row, "qps"), 2.5);
    assert_string_equal(member(row, "qps_distribution")->valuestring, "exponential");
    assert_string_equal(member(row, "multimodal_img_size")->valuestring, "large");
    assert_string_equal(member(row, "dataset")->valuestring, set);
    assert_null(cJSON_GetObjectItemCaseSensitive(row, "num_concurrent_requests"));
    cJSON_Delete(root);
}

static void test_what_is_inside_is_reported_by_step_and_by_row(void **state)
{
    struct step step = {.name = step_name,
                        .row = {.model_name = model, .concurrent_requests = 1, .warmup = true},
                        .measurement = {.insides = 2}};
    struct study_inside inside = {&step.row, 8, 5, 4, 0.125};
    const struct study study = {.inside = &inside, .insides = 1};
    const cJSON *item;
    cJSON *root;

    (void)state;
    step.measurement.inside[0] =
        (struct switch_inside){.batch_size = 8,
                               .side = {.exposed_s = 0.5, .steady_s = 0.125, .steady = 3},
                               .p = 0.001,
                               .found = true};
    step.measurement.inside[1] = (struct switch_inside){.batch_size = 16, .p = NAN};
    root = written(&study, &step, 1);
    item = member(root, "steps")->child;
    assert_true(cJSON_IsTrue(member(item, "warmup")));
    assert_true(is_null(item, "pass"));
    item = member(item, "inside")->child;
    expect_number("size", number(item, "batch_size"), 8);
    assert_true(cJSON_IsTrue(member(item, "detected")));
    expect_number("estimate", number(item, "estimate_s"), 0.375);
    expect_number("observations", number(item, "steady_observations"), 3);
    assert_true(cJSON_IsFalse(member(item->next, "detected")));
    assert_true(is_null(item->next, "p"));
    item = member(root, "inside_rows")->child;
    expect_number("of five", number(item, "visits"), 5);
    expect_number("four", number(item, "visits_switched"), 4);
    expect_number("median", number(item, "estimate_s"), 0.125);
    cJSON_Delete(root);
}

/* A warm-up is no visit; the visits stand in the order of the steps behind it. */
static void test_a_step_says_whether_it_paid(void **state)
{
    static const struct {
        enum visit_paid paid;
        double probability;
        bool left_out;
        const char *word;
    } cases[] = {{VISIT_PAID, 0.875, true, "paid"},
                 {VISIT_NOT_PAID, 0.125, false, "not paid"},
                 {VISIT_UNKNOWN, NAN, false, "unknown"}};
    struct step steps[1 + COUNT_OF(cases)] = {{.row = {.model_name = model, .warmup = true}}};
    struct study_visit visits[COUNT_OF(cases)];
    const struct study study = {.visit = visits, .visits = COUNT_OF(cases)};
    const cJSON *item;
    cJSON *root;

    (void)state;
    steps[0].name = step_name;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        steps[i + 1] = (struct step){.name = step_name, .row.model_name = model};
        visits[i] = (struct study_visit){.step = &steps[i + 1],
                                         .paid_as = cases[i].paid,
                                         .paid_probability = cases[i].probability,
                                         .left_out = cases[i].left_out};
    }
    root = written(&study, steps, COUNT_OF(steps));
    item = member(root, "steps")->child;
    assert_true(is_null(item, "paid") && is_null(item, "paid_probability"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        item = item->next;
        expect_text(cases[i].word, member(item, "paid")->valuestring, cases[i].word);
        if (isnan(cases[i].probability))
            assert_true(is_null(item, "paid_probability"));
        else
            expect_number(cases[i].word, number(item, "paid_probability"), cases[i].probability);
        assert_int_equal(cJSON_IsTrue(member(item, "left_out")), cases[i].left_out);
        expect_number("1 or 0", number(item, "visits_switched"), cases[i].paid == VISIT_PAID);
    }
    cJSON_Delete(root);
}

static void test_scatter_is_reported_by_its_clock(void **state)
{
    static const char *const keys[] = {"requests", "slow", "slow_share", "drift_per_s"};
    static const double values[] = {200, 11, 0.0625, -0.125};
    struct study study = {.steady[SWITCH_CLIENT] = {.requests = 200,
                                                    .slow = 11,
                                                    .slow_share = 0.0625,
                                                    .transient = true,
                                                    .drift_per_s = -0.125,
                                                    .neighbours = true},
                          .variation = {.share = 0.25, .df = 14, .unequal = true}};
    const cJSON *item;
    cJSON *root = written(&study, NULL, 0);

    (void)state;
    assert_true(is_null(member(root, "steady"), "server"));
    item = member(member(root, "steady"), "client");
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        expect_number(keys[i], number(item, keys[i]), values[i]);
    assert_true(cJSON_IsTrue(member(item, "transient")));
    assert_true(cJSON_IsFalse(member(item, "drift")));
    assert_true(cJSON_IsTrue(member(item, "neighbours")));
    item = member(root, "variation");
    expect_number("share", number(item, "share"), 0.25);
    expect_number("df", number(item, "degrees_of_freedom"), 14);
    assert_true(cJSON_IsTrue(member(item, "rows_differ")));
    cJSON_Delete(root);
    study.variation.df = 0;
    root = written(&study, NULL, 0);
    assert_true(is_null(root, "variation"));
    cJSON_Delete(root);
}

/* A row is judged by one size; the others stand beside it. */
static void test_a_row_tells_its_switches_by_batch_size(void **state)
{
    static const struct {
        const char *name;
        enum switch_verdict verdict;
        double judged;
        size_t insides;
        const char *text; /* NULL: null */
    } cases[] = {
        {"both", SWITCH_DETECTED, 4, 2, "{1: 0.0489, 4: 0.0501}"},
        {"one inside alone", SWITCH_NOT_DETECTED, 4, 1, "{1: 0.0489, 4: None}"},
        {"one size", SWITCH_DETECTED, 1, 0, "{1: 0.0501}"},
        {"by the client's clock", SWITCH_DETECTED, NAN, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {.name = step_name,
                            .row = {.model_name = model, .concurrent_requests = 4},
                            .measurement.batch_size = cases[i].judged};
        struct study_visit visit = {.step = &step};
        const struct row another = {.model_name = model, .concurrent_requests = 9};
        struct study_inside inside[] = {{.row = &step.row, .batch_size = 1, .value_s = 0.0489},
                                        {.row = &another, .batch_size = 2, .value_s = 0.3}};
        struct study_group group = {.to = &step.row,
                                    .estimate = {.verdict = cases[i].verdict, .value_s = 0.0501}};
        const struct study study = {.visit = &visit,
                                    .visits = 1,
                                    .row = &group,
                                    .rows = 1,
                                    .inside = inside,
                                    .insides = cases[i].insides};
        cJSON *root = written(&study, &step, 1);
        const cJSON *told = member(member(root, "rows")->child, "switch_by_batch_size");

        if (cases[i].text)
            expect_text(cases[i].name, told->valuestring, cases[i].text);
        else
            expect_true(cases[i].name, cJSON_IsNull(told));
        cJSON_Delete(root);
    }
}

static void test_it_lies_in_the_run_directory_or_says_why_not(void **state)
{
    const struct results run = {.name = run_name};
    const struct study study = {0};
    struct error error;
    char *text;

    (void)state;
    if (!study_file_write(".", &study, &run, &error))
        fail_msg("%s", error.text);
    text = support_read("switching.json");
    expect_part("file", text, "\"schema\":\t\"coebench-switching-1\"");
    free(text);
    assert_false(study_file_write("nowhere", &study, &run, &error));
    expect_part("its path", error.text, "nowhere/switching.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_above_is_reported_only_where_there_is_none),
        cmocka_unit_test(test_costs_and_orders_stand_where_they_belong),
        cmocka_unit_test(test_residency_claims_what_its_rule_does),
        cmocka_unit_test(test_flags_are_words),
        cmocka_unit_test(test_a_row_tells_how_it_is_sent),
        cmocka_unit_test(test_what_is_inside_is_reported_by_step_and_by_row),
        cmocka_unit_test(test_a_step_says_whether_it_paid),
        cmocka_unit_test(test_scatter_is_reported_by_its_clock),
        cmocka_unit_test(test_a_row_tells_its_switches_by_batch_size),
        in_folder(test_it_lies_in_the_run_directory_or_says_why_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
