/* Folders of LLMPerf's results, which are no runs. */
#include "store/llmperf_file.h"

#include <sys/stat.h>

#include "store/results.h"

#include "support.h"

#define LLMPERF "{\"version\": \"2023-08-31\", \"results_ttft_s_mean\": NaN}"
#define KIT     "{\"name\":\"a_summary\",\"model\":\"m\",\"results_client_ttft_s_mean\":1}"

static void put(const char *folder, const char *name, const char *bytes)
{
    char *path = file_join(folder, name);

    if (bytes)
        support_write(path, bytes);
    free(path);
}

static void test_folders_by_what_their_summaries_say(void **state)
{
    static const struct {
        const char *name, *a, *b, *manifest;
        bool run, llmperf;
        size_t others, count;
    } cases[] = {
        {"nothing", NULL, NULL, NULL, false, false, 0, 0},
        {"LLMPerf's", LLMPERF, LLMPERF, NULL, false, true, 0, 2},
        {"the kit's", KIT, KIT, NULL, true, false, 2, 0},
        {"both", LLMPERF, KIT, NULL, true, false, 1, 1},
        {"a run of ours", NULL, NULL, "{}", true, false, 0, 0},
        {"a summary that is empty", "", NULL, NULL, true, false, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *folder = cases[i].name;
        size_t others, count;
        char **names;

        assert_int_equal(mkdir(folder, 0777), 0);
        put(folder, "a_summary.json", cases[i].a);
        put(folder, "b_summary.json", cases[i].b);
        put(folder, "manifest.json", cases[i].manifest);
        expect_true(folder, results_is_run(folder) == cases[i].run);
        expect_true(folder, results_is_llmperf(folder) == cases[i].llmperf);
        names = llmperf_file_list_others(folder, &others, &count);
        expect_true(folder, others == cases[i].others && count == cases[i].count);
        for (size_t k = 0; k < others; k++)
            free(names[k]);
        free(names);
    }
}

static void test_a_summary_by_its_keys(void **state)
{
    (void)state;
    put(".", "a_summary.json", LLMPERF);
    put(".", "b_summary.json", KIT);
    assert_true(llmperf_file_is(".", "a"));
    assert_false(llmperf_file_is(".", "b"));
    assert_false(llmperf_file_is(".", "c"));
}

static void test_a_mixed_folder_is_read_without_llmperfs(void **state)
{
    struct results results = {0};
    struct error error = {""};

    (void)state;
    assert_int_equal(mkdir("mixed", 0777), 0);
    put("mixed", "a_summary.json", KIT);
    put("mixed", "b_summary.json", LLMPERF);
    expect_true(error.text, results_read("mixed", &results, &error));
    assert_int_equal(results.count, 1);
    assert_int_equal(results.warnings.count, 1);
    expect_text("warning", results.warnings.text[0],
                "mixed: LLMPerf's results in it are passed over");
    results_clear(&results);
    assert_int_equal(remove("mixed/a_summary.json"), 0);
    assert_false(results_read("mixed", &results, &error));
    expect_text("none", error.text, "mixed: is not a run directory: it has LLMPerf's summaries");
    results_clear(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_folders_by_what_their_summaries_say),
        in_folder(test_a_summary_by_its_keys),
        in_folder(test_a_mixed_folder_is_read_without_llmperfs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
