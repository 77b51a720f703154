/* manifest.json: what was asked, and which steps came of it. */
#include "store/manifest.h"

#include "core/clock.h"
#include "store/manifest_content.h"

#include "growth.h"
#include "support.h"

static const char secret[] = "sk-very-secret-0123456789";

static struct manifest *begin(struct run *run, struct settings *settings, const struct row *rows,
                              size_t row_count)
{
    struct faults faults = {0};
    struct error error = {""};
    struct visit visits[] = {{.row = 0, .pass = 1}, {.row = 0, .pass = 2}};
    const struct order order = {.visit = visits, .count = row_count > 0 ? 2 : 0, .rows = row_count};
    const struct manifest_facts facts = {
        .settings = settings,
        .config_path = "config.yaml",
        .rows = rows,
        .row_count = row_count,
        .order = &order,
        .address = "http://h/v1",
        .address_source = "SAMBANOVA_API_BASE (.env)",
        .key_source = "SAMBANOVA_API_KEY (environment)",
        .dialect = "openai",
        .http_library = "libcurl/8",
        .started_wall_ns = INT64_C(1772409599000000000),
    };

    setenv("SAMBANOVA_API_KEY", secret, 1);
    support_write("rows.csv", "abc");
    support_write("config.yaml",
                  "model_configs_path: rows.csv\nllm_api: sncloud\noutput_files_dir: runs\n"
                  "consolidated_results_dir: books\nseed: 42\nsampling_params: {top_k: 1}\n");
    assert_true(settings_read("config.yaml", NULL, 0, settings, &faults));
    assert_true(run_create(run, "runs", "books", "r", 0, &error));
    return manifest_new(run, &facts);
}

static void test_the_manifest_tells_what_was_asked_and_never_the_key(void **state)
{
    static char model[] = "m, \"x\"";
    static const char *const parts[] = {
        "\"run_name\":\t\"r\"",
        "\"coebench_version\":\t\"" COEBENCH_VERSION "\"",
        "\"http_library\":\t\"libcurl/8\"",
        "\"started_utc\":\t\"2026-03-01T23:59:59.000000Z\"",
        "\"status\":\t\"interrupted\"",
        "\"path\":\t\"rows.csv\"",
        /* FIPS 180-4's digest of "abc", which is what rows.csv holds. */
        "\"sha256\":\t\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
        "\"address\":\t\"http://h/v1\"",
        "\"key_source\":\t\"SAMBANOVA_API_KEY (environment)\"",
        "\"dialect\":\t\"openai\"",
        "\"seed\":\t42",
        "\"top_k\":\t1",
        "\"model_name\":\t\"m, \\\"x\\\"\"",
        "\"qps\":\t0.5",
        "\"qps_distribution\":\t\"exponential\"",
        "\"multimodal_img_size\":\t\"large\"",
        "\"end\":\t\"timed out\"",
        "\"row_line\":\t2",
        "\"visits\":\t[2, 2]",
    };
    const struct row row = {.model_name = model,
                            .input_tokens = 1,
                            .output_tokens = 2,
                            .num_requests = 3,
                            .qps = 0.5,
                            .qps_distribution = ROW_EXPONENTIAL,
                            .multimodal_img_size = ROW_LARGE,
                            .line = 2};
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings, &row, 1);
    static char name[] = "s";
    struct step step = {.name = name, .row = {.line = 2}, .end = STEP_TIMED_OUT};
    struct error error = {""};
    char *text, *missing;

    (void)state;
    step.metric[METRIC_CLIENT_TTFT_S].count = 1;
    manifest_add_step(manifest, &step);
    manifest_set_status(manifest, "interrupted", INT64_C(1772409600000000000));
    assert_true(manifest_write(manifest, &run, &error));
    text = support_read("runs/r/manifest.json");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        expect_part("manifest", text, parts[i]);
    missing = strstr(text, "metrics_not_reported");
    assert_non_null(missing);
    assert_non_null(strstr(missing, "\"server_ttft_s\""));
    assert_null(strstr(missing, "\"client_ttft_s\""));
    assert_null(strstr(text, secret));
    free(text);
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

/* Rows that run beside each other may end in any order. */
static void test_steps_stand_in_the_order_of_the_run(void **state)
{
    static char late[] = "late", early[] = "early";
    const struct step steps[] = {{.index = 1, .name = late}, {.index = 0, .name = early}};
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings, NULL, 0);
    struct error error = {""};
    struct manifest_content content;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        manifest_add_step(manifest, &steps[i]);
        assert_true(manifest_write(manifest, &run, &error));
    }
    assert_true(manifest_read("runs/r", &content, &error));
    assert_int_equal(content.steps, 2);
    assert_int_equal(content.planned, 0);
    assert_string_equal(content.step[0], "early");
    assert_string_equal(content.step[1], "late");
    manifest_content_clear(&content);
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

static size_t steps_written(void)
{
    struct manifest_content content;
    struct error error;
    size_t steps;

    assert_true(manifest_read("runs/r", &content, &error));
    steps = content.steps;
    manifest_content_clear(&content);
    return steps;
}

/* It grows with every step: a run of short steps would write little else. */
static void test_it_is_written_at_most_once_a_second(void **state)
{
    static char name[] = "s", other[] = "t";
    struct step step = {.name = name};
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings, NULL, 0);
    struct error error = {""};
    int64_t now_ns;

    (void)state;
    manifest_set_connection_reuse(manifest, "auto");
    assert_true(manifest_write(manifest, &run, &error));
    now_ns = clock_monotonic_ns();
    manifest_add_step(manifest, &step);
    assert_true(manifest_write_when_due(manifest, &run, now_ns, &error));
    assert_int_equal(steps_written(), 0);
    assert_true(manifest_write_when_due(manifest, &run, now_ns + CLOCK_NS_PER_S, &error));
    assert_int_equal(steps_written(), 1);
    step.index = 1;
    step.name = other; /* what no other file has is written at once */
    manifest_add_step(manifest, &step);
    manifest_set_connection_reuse(manifest, "auto");
    now_ns = clock_monotonic_ns();
    assert_true(manifest_write_when_due(manifest, &run, now_ns, &error));
    assert_int_equal(steps_written(), 1);
    manifest_set_connection_reuse(manifest, "never");
    assert_true(manifest_write_when_due(manifest, &run, now_ns, &error));
    assert_int_equal(steps_written(), 2);
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

/* A foreigner's journal may have begun the steps ever so often. */
static void list_attempts(size_t count)
{
    static char name[] = "s";
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest;

    remove("runs/r"); /* of the time before: begin takes its name */
    manifest = begin(&run, &settings, NULL, 0);
    for (size_t i = 0; i < count; i++)
        manifest_add_attempt(manifest, &(struct attempt){.step = i, .number = 1, .name = name});
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

static void test_no_list_of_attempts_takes_the_square_of_its_length(void **state)
{
    (void)state;
    expect_no_square("attempts", list_attempts, 2000);
}

/* A study that was sure after the first of its two visits. */
static void test_a_study_that_has_ended_has_the_steps_it_took(void **state)
{
    static char model[] = "m";
    const struct row row = {.model_name = model, .line = 2};
    const struct manifest_study_end ends[] = {{false, 9, 2, "not sure"}, {true, 1, 1, "sure"}};
    struct settings settings = {0};
    struct run run = {0};
    struct manifest *manifest = begin(&run, &settings, &row, 1);
    struct manifest_content content;
    struct error error = {""};

    (void)state;
    assert_int_equal(manifest_study_steps(manifest), 0);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        manifest_set_study_end(manifest, &ends[i]);
        assert_int_equal(manifest_study_steps(manifest), ends[i].steps);
        assert_true(manifest_write(manifest, &run, &error));
        assert_true(manifest_read("runs/r", &content, &error));
        assert_int_equal(content.planned, ends[i].steps);
        expect_text("sentence", manifest_find(&content, "study_end.sentence"), ends[i].sentence);
        expect_text("sure", manifest_find(&content, "study_end.sure"), i ? "true" : "false");
        expect_text("passes", manifest_find(&content, "study_end.passes"), i ? "1" : "9");
        manifest_content_clear(&content);
    }
    manifest_free(manifest);
    run_clear(&run);
    settings_clear(&settings);
}

/* What somebody else wrote there ends no run that has more steps. */
static void test_an_end_that_cannot_be_is_none(void **state)
{
    static const struct {
        const char *json;
        size_t planned;
    } cases[] = {
        {"{\"visits\":[2,2,2],\"study_end\":{\"steps\":2}}", 2},
        {"{\"visits\":[2,2,2],\"study_end\":{\"steps\":4}}", 3},
        {"{\"visits\":[2,2,2],\"study_end\":{\"steps\":0}}", 3},
        {"{\"visits\":[2,2,2],\"study_end\":{\"steps\":\"2\"}}", 3},
        {"{\"visits\":[2,2,2],\"study_end\":2}", 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct manifest_content content;
        struct error error = {""};

        support_write("manifest.json", cases[i].json);
        assert_true(manifest_read(".", &content, &error));
        expect_true(cases[i].json, content.planned == cases[i].planned);
        manifest_content_clear(&content);
    }
}

/* A name that leads out of the folder is passed over, as is an entry without one. */
static void test_step_names_stay_inside_the_folder(void **state)
{
    struct error error = {""};
    struct manifest_content content;

    (void)state;
    support_write("manifest.json",
                  "{\"steps\":[{\"name\":\"../x\"},{},5,{\"name\":7},{\"name\":\"good\"}]}");
    assert_true(manifest_read(".", &content, &error));
    assert_int_equal(content.steps, 1);
    assert_string_equal(content.step[0], "good");
    manifest_content_clear(&content);
    support_write("manifest.json", "{\"steps\":[{\"name\":\"b\"},{\"name\":\"a\"},{\"name\":"
                                   "\"b\"},{\"name\":\"c\"},{\"name\":\"b\"}]}");
    assert_true(manifest_read(".", &content, &error));
    assert_int_equal(content.steps, 3); /* each once, where it stands first */
    assert_string_equal(content.step[0], "b");
    assert_string_equal(content.step[1], "a");
    assert_string_equal(content.step[2], "c");
    manifest_content_clear(&content);
    support_write("manifest.json", "{}");
    assert_true(manifest_read(".", &content, &error));
    assert_int_equal(content.steps, 0);
    manifest_content_clear(&content);
}

/* Whatever stands in it, by its path; lists that are no settings are none, nor is what is null or,
 * by Python's word, no number. */
static void test_facts_are_read_by_their_paths(void **state)
{
    struct manifest_content content;
    struct error error = {""};

    (void)state;
    support_write("manifest.json",
                  "{\"a\":\"x\",\"settings\":{\"probe\":{\"steady\":5},\"no\":null,\"nan\":-"
                  "Infinity,\"yes\":true,\"list\":"
                  "[1.50,\"b\"],\"none\":[]},\"rows\":[{\"line\":2}],\"visits\":[2,2,2]}");
    assert_true(manifest_read(".", &content, &error));
    assert_int_equal(content.facts, 4);
    assert_int_equal(content.planned, 3);
    assert_string_equal(manifest_find(&content, "a"), "x");
    assert_string_equal(manifest_find(&content, "settings.probe.steady"), "5");
    assert_string_equal(manifest_find(&content, "settings.yes"), "true");
    assert_string_equal(manifest_find(&content, "settings.list"), "[1.50,\"b\"]");
    assert_null(manifest_find(&content, "settings.no"));
    assert_null(manifest_find(&content, "settings.nan"));
    manifest_content_clear(&content);
    support_write("manifest.json", "[1]");
    assert_false(manifest_read(".", &content, &error));
    expect_part("sentence", error.text, "is not a JSON object");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_it_is_written_at_most_once_a_second),
        in_folder(test_no_list_of_attempts_takes_the_square_of_its_length),
        in_folder(test_the_manifest_tells_what_was_asked_and_never_the_key),
        in_folder(test_steps_stand_in_the_order_of_the_run),
        in_folder(test_a_study_that_has_ended_has_the_steps_it_took),
        in_folder(test_an_end_that_cannot_be_is_none),
        in_folder(test_step_names_stay_inside_the_folder),
        in_folder(test_facts_are_read_by_their_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
