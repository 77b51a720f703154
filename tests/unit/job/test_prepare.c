/* Preparing a run: what is wrong comes back as sentences, what is odd as others, and nothing is
 * printed. */
#include "job/prepare.h"

#include <fcntl.h>

#include "support.h"

#define CONFIG                                                                                     \
    "llm_api: sncloud\nmodel_configs_path: rows.csv\noutput_files_dir: out\n"                      \
    "consolidated_results_dir: books\n"
#define HEADER                                                                                     \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"                  \
    "qps_distribution,multimodal_img_size\n"
#define ROW "a,100,10,8,1,,,na\n"

static const char *const settings[] = {"timeout=7", "run_name='mine'"};
static const struct prepare_options plain = {.address = "http://127.0.0.1:9/v1", .key = "a-key"};

/* Prepares with both outputs going to a file, whose content is `printed`, for the caller to free.
 */
static bool prepare_printing(struct preparation *preparation, const struct prepare_options *options,
                             struct faults *faults, char **printed)
{
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    int file = open("printed", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool done;

    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    done = prepare(preparation, options, "config.yaml", faults);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    close(file);
    *printed = support_read("printed");
    return done;
}

static void test_faults_come_back_as_sentences(void **state)
{
    static const struct {
        const char *name, *config, *rows;
        const char *fault, *warning; /* NULL: none */
        size_t faults;
    } cases[] = {
        {"sound", CONFIG, HEADER ROW, NULL, NULL, 0},
        {"an odd setting", CONFIG "self_pairs: true\n", HEADER ROW, NULL, "self_pairs: ", 0},
        {"a wrong setting", CONFIG "timeout: long\n", HEADER ROW, "config.yaml:5: timeout: ", NULL,
         1},
        {"a file of trust", CONFIG "connection: {ca_file: config.yaml}\n", HEADER ROW,
         "ca_file: ", NULL, 1},
        {"a wrong row", CONFIG, HEADER "a,no,10,8,1,,,na\n", "rows.csv:2: ", NULL, 1},
        {"two of them", CONFIG "timeout: long\n", HEADER "a,no,10,8,1,,,na\n", "timeout: ", NULL,
         2},
        {"both", CONFIG "self_pairs: true\ntimeout: long\n", HEADER ROW,
         "timeout: ", "self_pairs: ", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct preparation preparation = {0};
        struct faults faults = {0};
        char *printed;
        bool done;

        support_write("config.yaml", cases[i].config);
        support_write("rows.csv", cases[i].rows);
        done = prepare_printing(&preparation, &plain, &faults, &printed);
        expect_true(cases[i].name, done == (cases[i].fault == NULL));
        expect_true(cases[i].name, faults.count == cases[i].faults);
        if (cases[i].fault)
            expect_part(cases[i].name, faults.text[0], cases[i].fault);
        expect_faults(cases[i].name, &preparation.warnings, cases[i].warning);
        expect_text(cases[i].name, printed ? printed : "", "");
        free(printed);
        faults_clear(&faults);
        prepare_clear(&preparation);
    }
}

static void test_takes_assignments_as_plain_texts(void **state)
{
    struct prepare_options options = plain;
    struct preparation preparation = {0};
    struct faults faults = {0};

    (void)state;
    support_write("config.yaml", CONFIG);
    support_write("rows.csv", HEADER ROW);
    options.set = settings;
    options.sets = COUNT_OF(settings);
    assert_true(prepare(&preparation, &options, "config.yaml", &faults));
    expect_number("timeout", preparation.settings.timeout_s, 7);
    expect_text("run_name", preparation.settings.run_name, "mine");
    assert_int_equal(preparation.overrides, 2);
    expect_text("option", preparation.override[1].option, "--set");
    prepare_clear(&preparation);
}

static void test_an_endpoint_needs_no_rows(void **state)
{
    struct preparation preparation = {0};
    struct faults faults = {0};

    (void)state;
    support_write("config.yaml", CONFIG);
    setenv("SAMBANOVA_API_BASE", "http://127.0.0.1:9/v1", 1);
    setenv("SAMBANOVA_API_KEY", "k", 1);
    assert_true(
        prepare_endpoint(&preparation, &(struct prepare_options){0}, "config.yaml", &faults));
    assert_int_equal(preparation.rows.count, 0);
    expect_text("models", preparation.models_url, "http://127.0.0.1:9/v1/models");
    prepare_clear(&preparation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_faults_come_back_as_sentences),
        in_folder(test_takes_assignments_as_plain_texts),
        in_folder(test_an_endpoint_needs_no_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
