/* What was typed, as the files of a run: a CSV that is read back as it was typed, and a config. */
#include "job/typed_inputs.h"

#include "plan/rows.h"
#include "support.h"

#define KIT                                                                                        \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"                  \
    "qps_distribution,multimodal_img_size"

static void test_columns_behind_the_kits_stand_where_they_are_used(void **state)
{
    static const struct {
        const char *name;
        struct typed_row row;
        const char *csv;
    } cases[] = {
        {"closed loop", {{"m", "1000", "10", "8", "2"}}, KIT "\nm,1000,10,8,2,,,\n"},
        {"open loop",
         {{"m", "1", "2", "3", NULL, "0.5", "uniform", "small"}},
         KIT "\nm,1,2,3,,0.5,uniform,small\n"},
        {"spreads",
         {{"m", "1", "2", "3", "4", [TYPED_STDDEV_OUTPUT_TOKENS] = "1.5"}},
         KIT ",stddev_output_tokens\nm,1,2,3,4,,,,1.5\n"},
        {"a data set and a time",
         {{"m", NULL, "2", NULL, "4", [TYPED_DATASET] = "a/b c.jsonl", [TYPED_DURATION] = "30"}},
         KIT ",dataset,duration_s\nm,,2,,4,,,,\"a/b c.jsonl\",30\n"},
        {"a name of any kind",
         {{" a,\"b\";c|d", "1", "2", "3", "4"}},
         KIT "\n\" a,\"\"b\"\";c|d\",1,2,3,4,,,\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text csv = {0};

        typed_row_add_header(&cases[i].row, &csv);
        typed_row_add(&cases[i].row, &csv);
        expect_text(cases[i].name, csv.bytes, cases[i].csv);
        text_clear(&csv);
    }
}

static void test_what_stands_behind_the_kits_columns_can_be_added_to_other_rows(void **state)
{
    const struct typed_row row = {
        {"m", "1", [TYPED_TURNS] = "3", [TYPED_MIX] = "a, b", [TYPED_QPS_END] = "2"}};
    struct text names = {0}, cells = {0};

    (void)state;
    typed_row_add_names(&row, &names);
    typed_row_add_cells(&row, &cells);
    expect_text("names", names.bytes, ",qps_end,turns,mix");
    expect_text("cells", cells.bytes, ",2,3,\"a, b\"");
    text_clear(&names);
    text_clear(&cells);
}

static void test_names_are_read_back_as_they_are(void **state)
{
    static const char *const names[] = {"m",        " x",       "a,b \"c\"", "=1+1", "tag:7b",
                                        "a;b|c\td", "é ü 模型", "a\\,b",     "\"",   "#1"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct typed_row row = {{names[i], "1", "2", "3", "4"}};
        struct rows rows = {0};
        struct faults faults = {0}, warnings = {0};
        struct text csv = {0};

        typed_row_add_header(&row, &csv);
        typed_row_add(&row, &csv);
        expect_true(names[i],
                    rows_parse(csv.bytes, csv.length, "rows.csv", &rows, &faults, &warnings));
        expect_faults(names[i], &warnings, NULL);
        expect_text(names[i], rows.row[0].model_name, names[i]);
        rows_clear(&rows);
        text_clear(&csv);
    }
}

static void test_a_cell_is_judged_by_itself(void **state)
{
    static const struct {
        enum typed_column column;
        const char *cell, *fault; /* NULL: sound */
    } cases[] = {
        {TYPED_MODEL, "m", NULL},
        {TYPED_MODEL, "", "is empty; it needs the model's name"},
        {TYPED_MODEL, "\xff", "is not UTF-8"},
        {TYPED_INPUT_TOKENS, "1000", NULL},
        {TYPED_INPUT_TOKENS, "1e9", "'1e9' is not a whole number from 1 to 16777216"},
        {TYPED_OUTPUT_TOKENS, "0", "'0' is not a whole number from 1 to 16777216"},
        {TYPED_REQUESTS, "ten", "'ten' is not a whole number from 1 to 1000000000"},
        {TYPED_REQUESTS, "", "is empty; it needs a whole number from 1 to 1000000000"},
        {TYPED_CONCURRENCY, "16", NULL},
        {TYPED_CONCURRENCY, "0", "'0' is not a number above 0"},
        {TYPED_CONCURRENCY, "", "'' is not a number above 0"},
        {TYPED_CONCURRENCY, "1.5", "'1.5' is not a whole number from 1 to 1000000"},
        {TYPED_QPS, "0.25", NULL},
        {TYPED_QPS, "0", "'0' is not a number above 0"},
        {TYPED_QPS, "-1", "'-1' is not a number of requests per second above 0"},
        {TYPED_DISTRIBUTION, "exponential", NULL},
        {TYPED_DISTRIBUTION, "even", "'even' is not one of constant, uniform, exponential"},
        {TYPED_IMAGE, "large", NULL},
        {TYPED_IMAGE, "huge", "'huge' is not one of small, medium, large"},
        {TYPED_STDDEV_INPUT_TOKENS, "0", NULL},
        {TYPED_STDDEV_INPUT_TOKENS, "x", "'x' is not a number of tokens, 0 or more"},
        {TYPED_DATASET, "any.jsonl", NULL},
        {TYPED_DURATION, "0", "'0' is not a number above 0"},
        {TYPED_PREFIX_TOKENS, "1000", NULL},
        {TYPED_PREFIX_TOKENS, "0", "'0' is not a number above 0"},
        {TYPED_THINK_TIME, "0", NULL},
        {TYPED_MIX, "a b", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};

        expect_true(cases[i].cell,
                    typed_cell_check(cases[i].column, cases[i].cell, &error) == !cases[i].fault);
        if (cases[i].fault)
            expect_true(error.text,
                        strncmp(error.text, cases[i].fault, strlen(cases[i].fault)) == 0);
        else
            expect_text(cases[i].cell, error.text, "");
    }
}

static void test_the_config_holds_what_is_not_by_default(void **state)
{
    static const struct {
        struct typed_config config;
        const char *yaml;
    } cases[] = {
        {{.api = "openai", .rows = "r/rows.csv", .results = "r"},
         "llm_api: openai\nmodel_configs_path: \"r/rows.csv\"\noutput_files_dir: \"r\"\n"
         "consolidated_results_dir: \"r\"\n"},
        {{.api = "sncloud",
          .run_name = "try",
          .rows = "a \"b\"/rows.csv",
          .results = "a \"b\"",
          .timeout = "30",
          .sampling_params = "{\"top_k\":1}",
          .labels = "{\"a\": \"b\"}",
          .passes = 2},
         "llm_api: sncloud\nmodel_configs_path: \"a \\\"b\\\"/rows.csv\"\n"
         "output_files_dir: \"a \\\"b\\\"\"\nconsolidated_results_dir: \"a \\\"b\\\"\"\n"
         "run_name: \"try\"\npasses: 2\ntimeout: 30\nsampling_params: {\"top_k\":1}\n"
         "labels: {\"a\": \"b\"}\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text yaml = {0};

        typed_config_add(&cases[i].config, &yaml);
        expect_text(cases[i].config.api, yaml.bytes, cases[i].yaml);
        text_clear(&yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_behind_the_kits_stand_where_they_are_used),
        cmocka_unit_test(test_what_stands_behind_the_kits_columns_can_be_added_to_other_rows),
        cmocka_unit_test(test_names_are_read_back_as_they_are),
        cmocka_unit_test(test_a_cell_is_judged_by_itself),
        cmocka_unit_test(test_the_config_holds_what_is_not_by_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
