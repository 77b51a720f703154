/* Each number of a step stands in its summary under its own name, and comes back to its own field.
 */
#include <cjson/cJSON.h>

#include "numbered.h"
#include "store/summary_file.h"
#include "support.h"

static cJSON *written(const struct step *step)
{
    struct text json = {0};
    cJSON *root;

    summary_file_add_json(step, "{}", &json);
    support_write("n_summary.json", json.bytes);
    root = cJSON_Parse(json.bytes);
    text_clear(&json);
    return root;
}

/* What a metric's key tells; NAN: it is none. */
static double metric_number(const char *key)
{
    static const char *const statistics[] = {"quantiles_p5",  "quantiles_p25", "quantiles_p50",
                                             "quantiles_p75", "quantiles_p90", "quantiles_p95",
                                             "quantiles_p99", "mean",          "min",
                                             "max",           "stddev"};
    char name[128];

    for (size_t i = 0; i < METRIC_COUNT; i++) {
        for (size_t k = 0; k < COUNT_OF(statistics); k++) {
            snprintf(name, sizeof name, "results_%s_%s", metric_table[i].key, statistics[k]);
            if (strcmp(name, key) == 0)
                return numbered_statistic(i, k);
        }
    }
    for (size_t i = 0; i < STEP_WINDOW_METRICS; i++) {
        for (size_t k = 0; k < COUNT_OF(statistics); k++) {
            const char *statistic = statistics[k], *p = strstr(statistic, "_p");

            snprintf(name, sizeof name, "window_%s_%s", metric_table[step_window_metrics[i]].key,
                     p ? p + 1 : statistic);
            if (strcmp(name, key) == 0)
                return numbered_window(i, k);
        }
    }
    return NAN;
}

static double number_of(const char *key, const struct step *step)
{
    for (size_t i = 0; i < NUMBERED_FIELDS; i++) {
        if (numbered_fields[i].key && strcmp(numbered_fields[i].key, key) == 0)
            return numbered_value(i);
    }
    if (strcmp(key, "results_error_rate") == 0)
        return (double)step->errors / (double)step->started;
    if (strcmp(key, "model_idx") == 0)
        return 0;
    return metric_number(key);
}

/* Every number of the file has a line in numbered.h, and every line there a number in the file. */
static void expect_numbers(const char *name, const cJSON *root, const struct step *step)
{
    size_t metrics = 0;

    for (const cJSON *item = root->child; item; item = item->next) {
        if (cJSON_IsNumber(item))
            expect_number(item->string, item->valuedouble, number_of(item->string, step));
        metrics += !isnan(metric_number(item->string));
    }
    for (size_t i = 0; i < NUMBERED_FIELDS; i++) {
        const char *key = numbered_fields[i].key;

        if (key && !cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(root, key)))
            fail_msg("%s: no number '%s'", name, key);
    }
    for (size_t i = 0; i < METRIC_COUNT; i++)
        metrics -= metric_table[i].summarised ? 11 : 0;
    metrics -= (size_t)STEP_WINDOW_METRICS * 11;
    assert_int_equal(metrics, 0);
}

static void test_each_number_has_its_own_name_there_and_back(void **state)
{
    struct step step = numbered_step(), again = {0};
    struct error error = {""};
    cJSON *root = written(&step);

    (void)state;
    expect_numbers("written", root, &step);
    cJSON_Delete(root);
    if (!summary_file_read("n_summary.json", &again, &error))
        fail_msg("%s", error.text);
    assert_int_equal(again.row.line, step.row.line);
    assert_int_equal(again.timestamp_s, step.timestamp_s);
    expect_number("p50", again.health.read_lateness_p50_s, step.health.read_lateness_p50_s);
    root = written(&again);
    expect_numbers("read back", root, &step);
    cJSON_Delete(root);
    step_clear(&step);
    step_clear(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_each_number_has_its_own_name_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
