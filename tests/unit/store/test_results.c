/* A run directory written, step by step, and read back: manifest, journal, files of a step. */
#include "store/results.h"

#include <cjson/cJSON.h>
#include <dirent.h>

#include "records.h"
#include "stats/figures.h"
#include "store/manifest.h"
#include "store/step_files.h"
#include "support.h"

/* Settings, a run directory and its manifest. */
static struct manifest *begin(struct run *run, struct settings *settings)
{
    const struct order order = {0};
    const struct manifest_facts facts = {
        .settings = settings, .config_path = "config.yaml", .order = &order};
    struct faults faults = {0};
    struct error error = {""};

    support_write("config.yaml", "model_configs_path: rows.csv\nllm_api: sncloud\n"
                                 "output_files_dir: runs\nconsolidated_results_dir: books\n");
    assert_true(settings_read("config.yaml", NULL, 0, settings, &faults));
    assert_true(run_create(run, "runs", "books", "r", 0, &error));
    return manifest_new(run, &facts);
}

/* Three requests that ended in the order 2, 0, 1; the one in the middle failed. With texts, the
 * last was the first to leave: it waited for no connection. */
static void write_step(const struct run *run, struct recorder *recorder, struct step *step,
                       bool keep_texts)
{
    static const struct request_texts texts[] = {{"p0", "zero"}, {"p1", "one"}, {"p2", "tw\xff"}};
    static const size_t order[] = {2, 0, 1};
    static const struct outcome outcomes[] = {{.record = 0}, {.record = 1}, {.record = 2}};
    static const struct outcome last_first[] = {{.record = 2}, {.record = 0}, {.record = 1}};
    const struct outcome *parts[STEP_PARTS] = {NULL};
    struct step_files files;
    struct error error = {""};

    assert_true(
        step_files_begin(&files, run, recorder, step->index, step->name, keep_texts, &error));
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        struct request request = request_begun();
        struct figures figures;

        request.index = request.record = order[i];
        request.end = order[i] == 1 ? REQUEST_TRUNCATED : REQUEST_COMPLETED;
        request.sent_ns = 0;
        request.done_ns = 5 * MS;
        figures = figures_of(&request, LATENCY_FROM_SENT);
        assert_true(step_files_add(&files, STEP_LOAD, &request, &figures,
                                   keep_texts ? &texts[order[i]] : NULL, &error));
    }
    parts[STEP_LOAD] = keep_texts ? last_first : outcomes;
    if (!step_files_end(&files, step, parts, NULL, "{\"top_k\":1}", &error))
        fail_msg("%s", error.text);
    assert_int_equal(step_files_written(&files, STEP_LOAD), COUNT_OF(order));
    step_files_clear(&files);
}

static struct step named(const char *name, size_t index)
{
    struct step step = {
        .index = index,
        .name = memory_text(name),
        .row = {.model_name = memory_text("m"), .line = 2 + (int)index, .concurrent_requests = 1},
        .switching = {SWITCHING_NONE, NAN, true}};

    step.metric[METRIC_CLIENT_TTFT_S] = (struct metric_summary){.count = 1, .mean = 0.5};
    return step;
}

static void test_a_run_is_read_back_in_the_order_it_ran(void **state)
{
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings);
    struct step steps[] = {named("z_stream_1", 0), named("a_stream_2", 1)};
    struct recorder recorder = {0};
    struct results results = {0};
    struct error error = {""};

    (void)state;
    assert_true(recorder_start(&recorder, "runs/r/journal.jsonl", &error));
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        write_step(&run, &recorder, &steps[i], false);
        manifest_add_step(manifest, &steps[i]);
        assert_true(manifest_write(manifest, &run, &error));
    }
    recorder_stop(&recorder);
    if (!results_read("runs/r", &results, &error))
        fail_msg("%s", error.text);
    assert_int_equal(results.count, 2);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        assert_string_equal(results.step[i].name, steps[i].name);
        assert_int_equal(results.step[i].index, i);
        step_clear(&steps[i]);
    }
    results_clear(&results);
    results_clear(&results);
    manifest_free(manifest);
    manifest_free(NULL);
    run_clear(&run);
    settings_clear(&settings);
}

static void test_responses_stand_in_start_order_with_the_switching_time_in_the_first(void **state)
{
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings);
    struct step step = named("s", 0);
    struct recorder recorder = {0};
    struct error error = {""};
    cJSON *list;
    char *text;

    (void)state;
    step.switching = (struct switching){SWITCHING_FOUND, 0.25, true};
    assert_true(recorder_start(&recorder, "runs/r/journal.jsonl", &error));
    write_step(&run, &recorder, &step, false);
    recorder_stop(&recorder);
    assert_false(file_exists("runs/r/s_response_texts.jsonl"));
    text = support_read("runs/r/s_individual_responses.json");
    list = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(list), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *object = cJSON_GetArrayItem(list, i);
        const cJSON *time = cJSON_GetObjectItemCaseSensitive(object, "switching_time");

        assert_true(cJSON_GetObjectItemCaseSensitive(object, "request_index")->valuedouble == i);
        assert_true(i == 0 ? time->valuedouble == 0.25 : time == NULL);
    }
    cJSON_Delete(list);
    free(text);
    step_clear(&step);
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

static void test_texts_of_completed_requests_stand_in_start_order(void **state)
{
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings);
    struct step step = named("s", 0);
    struct recorder recorder = {0};
    struct error error = {""};
    char *text;

    (void)state;
    assert_true(recorder_start(&recorder, "runs/r/journal.jsonl", &error));
    write_step(&run, &recorder, &step, true);
    recorder_stop(&recorder);
    text = support_read("runs/r/s_response_texts.jsonl");
    assert_string_equal(text, "{\"prompt\":{\"name\":\"words\",\"template\":\"p2\"},"
                              "\"completion\":\"tw\xef\xbf\xbd\",\"request_index\":2}\n"
                              "{\"prompt\":{\"name\":\"words\",\"template\":\"p0\"},"
                              "\"completion\":\"zero\",\"request_index\":0}\n");
    free(text);
    step_clear(&step);
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

/* The kit's reader loads every file with these words in its name. */
static void test_only_the_steps_files_bear_the_kits_words(void **state)
{
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings);
    struct step step = named("s", 0);
    struct recorder recorder = {0};
    struct error error = {""};
    struct dirent *entry;
    int summaries = 0, responses = 0, others = 0;
    DIR *folder;

    (void)state;
    assert_true(recorder_start(&recorder, "runs/r/journal.jsonl", &error));
    write_step(&run, &recorder, &step, true);
    assert_true(manifest_write(manifest, &run, &error));
    recorder_stop(&recorder);
    folder = opendir("runs/r");
    while ((entry = readdir(folder))) {
        summaries += strstr(entry->d_name, "summary") != NULL;
        responses += strstr(entry->d_name, "individual_responses") != NULL;
        others += entry->d_name[0] == '.';
    }
    closedir(folder);
    assert_int_equal(summaries, 1);
    assert_int_equal(responses, 1);
    assert_int_equal(others, 2); /* "." and "..": no temporary file is left */
    step_clear(&step);
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

/* The kit leaves no manifest: its files are in the order of their ends, and what ran before one is
 * not known. */
static void test_a_folder_of_the_kit_is_read_by_its_summaries(void **state)
{
    struct results results = {0};
    struct error error = {""};

    (void)state;
    support_write("b_summary.json", "{\"name\":\"b_summary\",\"model\":\"m\",\"timestamp\":7,"
                                    "\"results_num_requests_started\":3}");
    support_write("a_summary.json", "{\"name\":\"a_summary\",\"model\":\"n\",\"timestamp\":9}");
    support_write("b_individual_responses.json", "[]");
    assert_true(results_read(".", &results, &error));
    assert_int_equal(results.count, 2);
    assert_int_equal(results.planned, 2);
    assert_string_equal(results.step[0].name, "b");
    assert_int_equal(results.step[0].row.num_requests, 3);
    assert_int_equal(results.step[1].index, 1);
    assert_int_equal(results.step[1].predecessor, -1);
    assert_int_equal(results.step[1].measurement.reason, SWITCH_UNREAD);
    results_clear(&results);
    support_write("a_summary.json", "[");
    assert_true(results_read(".", &results, &error));
    assert_int_equal(results.count, 1);
    assert_int_equal(results.losses, 1);
    expect_part("sentence", results.loss[0].why, "a_summary.json: is not a summary");
    assert_null(results.loss[0].row.model_name);
    results_clear(&results);
    support_write("b_summary.json", "[");
    assert_false(results_read(".", &results, &error));
    expect_part("none is left", error.text, "a_summary.json: is not a summary");
    results_clear(&results);
}

/* Responses that are broken are no loss to who reads none, but for a step of the kit's. */
static void test_figures_are_read_without_responses(void **state)
{
    struct results results = {0};
    struct error error = {""};

    (void)state;
    support_write("manifest.json", "{\"steps\":[{\"name\":\"s\"}],\"visits\":[2]}");
    support_write("s_summary.json", "{\"name\":\"s_summary\",\"model\":\"m\","
                                    "\"results_client_ttft_s_mean\":0.5}");
    support_write("s_individual_responses.json", "[{");
    assert_true(results_read_figures(".", &results, &error));
    assert_int_equal(results.count, 1);
    assert_int_equal(results.losses, 0);
    assert_int_equal(results.step[0].measurement.reason, SWITCH_UNREAD);
    expect_number("figure", results.step[0].metric[METRIC_CLIENT_TTFT_S].mean, 0.5);
    results_clear(&results);
    assert_false(results_read(".", &results, &error));
    results_clear(&results);
    assert_int_equal(remove("manifest.json"), 0);
    assert_false(results_read_figures(".", &results, &error));
    expect_part("the kit's", error.text, "s_individual_responses.json: is cut off");
    results_clear(&results);
}

static void test_a_folder_that_is_no_run_is_reported(void **state)
{
    static const struct {
        const char *manifest, *part;
    } cases[] = {
        {NULL, ".: is not a run directory: it has neither manifest.json nor summaries"},
        {"", "./manifest.json: is not a JSON object"},
        {"[]", "./manifest.json: is not a JSON object"},
        {"{\"steps\":[{\"name\":\"x\"}]}", "'./x_summary.json' cannot be opened"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct results results = {0};
        struct error error = {""};

        if (cases[i].manifest)
            support_write("manifest.json", cases[i].manifest);
        expect_true(cases[i].part, !results_read(".", &results, &error));
        expect_part(cases[i].part, error.text, cases[i].part);
        results_clear(&results);
    }
}

/* By the settings in its manifest; a run of before there was stop_when has none. */
static void test_a_run_is_looked_at_as_often_as_its_rule_says(void **state)
{
    static const struct {
        const char *json;
        size_t looks;
    } cases[] = {
        {"{\"settings\":{\"stop_when\":{\"half_width\":0.1,\"at_most_passes\":12}}}", 12},
        {"{\"settings\":{\"stop_when\":{\"half_width\":0,\"at_most_passes\":12}}}", 1},
        {"{\"settings\":{\"stop_when\":{\"half_width\":0.1,\"at_most_passes\":-3}}}", 1},
        {"{\"settings\":{\"stop_when\":{\"half_width\":0.1,\"at_most_passes\":1e300}}}", 1},
        {"{\"settings\":{\"passes\":3}}", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct results results = {0};
        struct error error = {""};

        support_write("manifest.json", cases[i].json);
        assert_true(manifest_read(".", &results.manifest, &error));
        expect_true(cases[i].json, results_looks(&results) == cases[i].looks);
        assert_null(results_study_end(&results));
        results_clear(&results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_run_is_read_back_in_the_order_it_ran),
        in_folder(test_responses_stand_in_start_order_with_the_switching_time_in_the_first),
        in_folder(test_texts_of_completed_requests_stand_in_start_order),
        in_folder(test_only_the_steps_files_bear_the_kits_words),
        in_folder(test_a_folder_of_the_kit_is_read_by_its_summaries),
        in_folder(test_figures_are_read_without_responses),
        in_folder(test_a_folder_that_is_no_run_is_reported),
        in_folder(test_a_run_is_looked_at_as_often_as_its_rule_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
