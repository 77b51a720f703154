/* A run as the starter kit writes it: which files, with which keys, and which comes last. */
#include "export/kit.h"

#include <sys/stat.h>

#include "support.h"

#define RESPONSES                                                                                  \
    "[{\"error_code\":null,\"error_msg\":\"\",\"start_time\":\"10:00:00.000000\","                 \
    "\"end_time\":\"10:00:01.000000\",\"client_ttft_s\":0.5,\"client_end_to_end_latency_s\":1,"    \
    "\"request_index\":0,\"switching_time\":null}]"
#define SUMMARY "{\"name\":\"s_summary\",\"model\":\"m\",\"results_num_retries\":0}"
#define TEXTS   "{\"prompt\":{\"name\":\"p\",\"template\":\"t\"},\"completion\":\"c\"}\n"

/* What the folder "to" holds of step "s" by that ending; NULL where there is none. */
static char *written(const char *ending)
{
    char *path = memory_printf("to/s%s", ending);
    char *bytes = file_exists(path) ? support_read(path) : NULL;

    free(path);
    return bytes;
}

static void expect_written(const char *name, const char *ending, const char *part)
{
    char *bytes = written(ending);

    if (part)
        expect_part(name, bytes, part);
    else
        expect_true(name, !bytes);
    free(bytes);
}

/* A folder of its own for each case. */
static void enter(const char *name)
{
    assert_int_equal(mkdir(name, 0777), 0);
    assert_int_equal(chdir(name), 0);
    assert_int_equal(mkdir("from", 0777), 0);
    assert_int_equal(mkdir("to", 0777), 0);
}

static void put(const char *ending, const char *bytes)
{
    char *path = memory_printf("from/s%s", ending);

    if (bytes)
        support_write(path, bytes);
    free(path);
}

/* A step's summary is written last: where there is one, all that belongs to it is there. */
static void test_a_step_is_whole_where_its_summary_is_there(void **state)
{
    static const struct {
        const char *name, *responses, *texts, *summary;
        bool done, has_responses, has_texts, has_summary;
    } cases[] = {
        {"all", RESPONSES, TEXTS, SUMMARY, true, true, true, true},
        {"no texts", RESPONSES, NULL, SUMMARY, true, true, false, true},
        {"no responses", NULL, NULL, SUMMARY, true, false, false, true},
        {"responses that are cut off", "[{\"error_code\":null,", TEXTS, SUMMARY, false, false,
         false, false},
        {"no summary", RESPONSES, TEXTS, NULL, false, true, true, false},
        {"a summary that is none", RESPONSES, TEXTS, "[]", false, true, true, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {.name = (char *)"s"};
        struct results run = {
            .folder = (char *)"from", .name = (char *)"r", .step = &step, .count = 1};
        struct error error = {""};

        enter(cases[i].name);
        put("_individual_responses.json", cases[i].responses);
        put("_response_texts.jsonl", cases[i].texts);
        put("_summary.json", cases[i].summary);
        expect_true(cases[i].name, kit_write(&run, "to", &error) == cases[i].done);
        expect_true(cases[i].name, (error.text[0] == '\0') == cases[i].done);
        expect_written(cases[i].name, "_individual_responses.json",
                       cases[i].has_responses ? "\"client_ttft_s\":0.5" : NULL);
        expect_written(cases[i].name, "_response_texts.jsonl", cases[i].has_texts ? TEXTS : NULL);
        expect_written(cases[i].name, "_summary.json",
                       cases[i].has_summary ? "\"model\":\"m\"" : NULL);
        assert_int_equal(chdir(".."), 0);
    }
}

static void test_neither_file_has_a_key_that_the_kit_does_not_know(void **state)
{
    struct step step = {.name = (char *)"s"};
    struct results run = {.folder = (char *)"from", .name = (char *)"r", .step = &step, .count = 1};
    struct error error = {""};
    char *responses, *summary;

    (void)state;
    enter("run");
    put("_individual_responses.json", RESPONSES);
    put("_summary.json", SUMMARY);
    assert_true(kit_write(&run, "to", &error));
    responses = written("_individual_responses.json");
    summary = written("_summary.json");
    assert_null(strstr(responses, "request_index"));
    assert_null(strstr(responses, "switching_time"));
    assert_null(strstr(summary, "results_num_retries"));
    free(responses);
    free(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_step_is_whole_where_its_summary_is_there),
        in_folder(test_neither_file_has_a_key_that_the_kit_does_not_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
