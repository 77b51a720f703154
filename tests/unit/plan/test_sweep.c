/* Rows made by rule, and what is left out of them. */
#include "plan/sweep.h"

#include <inttypes.h>

#include "support.h"

static double small_sizes[] = {1, 2, 4, 8}, large_sizes[] = {1};
static struct bundle_tier tiers[] = {{.tokens = 4096, .batch_sizes = {small_sizes, 4}},
                                     {.tokens = 8192, .batch_sizes = {large_sizes, 1}}};
static char expert_name[] = "b";
static const struct bundle_expert expert = {.name = expert_name, .tiers = {tiers, 2}};

static const struct sweep_model unknown = {"u", 0, NULL};
static const struct sweep_model listed = {"l", 8192, NULL};
static const struct sweep_model described = {"b", 8192, &expert};

static struct sweep_numbers numbers(const char *list)
{
    struct sweep_numbers read = {0};
    struct error error;

    if (list && !sweep_numbers_read(list, SWEEP_REQUESTS_MOST, &read, &error))
        fail_msg("%s", error.text);
    return read;
}

/* Rows as "input+output×requests/concurrency", blanks between them. */
static char *told(const struct rows *rows, const char *model)
{
    struct text text = {0};

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        assert_string_equal(row->model_name, model);
        assert_true(row->qps == 0);
        text_printf(&text, "%s%" PRId64 "+%" PRId64 "x%" PRId64 "/%" PRId64, i > 0 ? " " : "",
                    row->input_tokens, row->output_tokens, row->num_requests,
                    row->concurrent_requests);
    }
    return text_take(&text);
}

static void test_what_is_asked_for_is_combined_and_what_does_not_fit_is_counted(void **state)
{
    const struct {
        const char *name;
        const struct sweep_model *model;
        const char *input, *output, *concurrency;
        int64_t requests;
        const char *rows;
        size_t left_out;
        int64_t tokens, room;
    } cases[] = {
        {"nothing asked", &unknown, NULL, NULL, NULL, 0, "1000+128x10/1", 0, 0, 0},
        {"nothing asked of a list", &listed, NULL, NULL, NULL, 0, "1000+128x10/1", 0, 0, 0},
        {"lengths outermost", &listed, "10,20", "1,2", "1,4", 5,
         "10+1x5/1 10+1x5/4 10+2x5/1 10+2x5/4 20+1x5/1 20+1x5/4 20+2x5/1 20+2x5/4", 0, 0, 0},
        {"the edge fits", &listed, "8190,8191", "2", NULL, 1, "8190+2x1/1", 1, 8193, 8192},
        {"the longest is told", &listed, "9000,100000,10000", "8", "1,2", 1, "", 6, 100008, 8192},
        {"no context, no limit", &unknown, "9000000", "8", NULL, 1, "9000000+8x1/1", 0, 0, 0},
        {"a length in each tier", &described, NULL, NULL, NULL, 7,
         "1920+128x7/1 1920+128x7/2 1920+128x7/4 1920+128x7/8 6016+128x7/1", 0, 0, 0},
        {"a tier too small for the output", &described, NULL, "4096", NULL, 7, "2048+4096x7/1", 4,
         4097, 4096},
        {"an output that fills all but one", &described, NULL, "4095", "1", 7,
         "1+4095x7/1 2049+4095x7/1", 0, 0, 0},
        {"asked lengths run at their tier", &described, "4095,4096", "1", NULL, 7,
         "4095+1x7/1 4095+1x7/2 4095+1x7/4 4095+1x7/8 4096+1x7/1", 0, 0, 0},
        {"asked concurrency is kept", &described, "10,5000", "1", "1,64", 7,
         "10+1x7/1 10+1x7/64 5000+1x7/1 5000+1x7/64", 0, 0, 0},
        {"past every tier", &described, "8192", "1", NULL, 7, "", 1, 8193, 8192},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sweep sweep = {.input_tokens = numbers(cases[i].input),
                              .output_tokens = numbers(cases[i].output),
                              .concurrency = numbers(cases[i].concurrency),
                              .num_requests = cases[i].requests};
        struct sweep_left_out left_out = {0};
        struct rows rows = {0};
        struct error error;
        char *text;

        expect_true(cases[i].name,
                    sweep_add_model(&sweep, cases[i].model, &rows, &left_out, &error));
        text = told(&rows, cases[i].model->name);
        expect_text(cases[i].name, text, cases[i].rows);
        expect_number(cases[i].name, (double)left_out.rows, (double)cases[i].left_out);
        expect_number(cases[i].name, (double)left_out.tokens, (double)cases[i].tokens);
        expect_number(cases[i].name, (double)left_out.room, (double)cases[i].room);
        free(text);
        rows_clear(&rows);
        sweep_clear(&sweep);
    }
}

static void test_requests_are_whole_waves_that_can_show_a_switch(void **state)
{
    static const int64_t some[][2] = {
        {1, 10}, {2, 10}, {3, 12},  {4, 12},
        {5, 15}, {8, 24}, {32, 96}, {SWEEP_CONCURRENCY_MOST, 3000000}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(some); i++)
        assert_int_equal(sweep_requests(some[i][0]), some[i][1]);
    for (int64_t concurrency = 1; concurrency < 1000; concurrency++) {
        int64_t requests = sweep_requests(concurrency);

        assert_true(requests >= 10 && requests >= 3 * concurrency);
        assert_int_equal(requests % concurrency, 0);
    }
}

static void test_lists_of_numbers(void **state)
{
    static const struct {
        const char *list, *fault; /* NULL: none */
        size_t count;
        int64_t last;
    } cases[] = {
        {"1", NULL, 1, 1},
        {"1,2,4", NULL, 3, 4},
        {" 1 ,\t16.0 ", NULL, 2, 16},
        {"100", NULL, 1, 100},
        {"", "empty place", 0, 0},
        {" ", "empty place", 0, 0},
        {"1,,2", "empty place", 0, 0},
        {"1,", "empty place", 0, 0},
        {",1", "empty place", 0, 0},
        {"0", "'0' is not a whole number from 1 to 100", 0, 0},
        {"-4", "'-4' is not", 0, 0},
        {"1,101", "'101' is not", 0, 0},
        {"1.5", "'1.5' is not", 0, 0},
        {"1 2", "'1 2' is not", 0, 0},
        {"many", "'many' is not", 0, 0},
        {"99999999999999999999", "is not a whole number", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sweep_numbers read = {0};
        struct error error = {""};
        bool good = sweep_numbers_read(cases[i].list, 100, &read, &error);

        expect_true(cases[i].list, good == !cases[i].fault);
        if (good) {
            assert_int_equal(read.count, cases[i].count);
            assert_int_equal(read.number[read.count - 1], cases[i].last);
        } else {
            expect_part(cases[i].list, error.text, cases[i].fault);
        }
        sweep_numbers_clear(&read);
    }
}

/* "1,1,…,1" with so many ones. */
static char *ones(size_t count)
{
    struct text text = {0};

    for (size_t i = 0; i < count; i++)
        text_add_string(&text, i > 0 ? ",1" : "1");
    return text_take(&text);
}

static void test_ceilings(void **state)
{
    char *most = ones(SWEEP_NUMBERS_MOST), *more = ones(SWEEP_NUMBERS_MOST + 1);
    struct sweep sweep = {.input_tokens = numbers(most),
                          .output_tokens = numbers("1"),
                          .concurrency = numbers(most),
                          .num_requests = 1};
    struct sweep_numbers read = {0};
    struct sweep_left_out left_out = {0};
    struct rows rows = {0};
    struct error error;

    (void)state;
    assert_int_equal(sweep.input_tokens.count, SWEEP_NUMBERS_MOST);
    assert_false(sweep_numbers_read(more, 1, &read, &error));
    expect_part("too many numbers", error.text, "more than 1000 numbers");
    assert_false(sweep_add_model(&sweep, &unknown, &rows, &left_out, &error));
    expect_part("too many rows", error.text, "more than 100000 rows");
    assert_int_equal(rows.count, SWEEP_ROWS_MOST);
    rows_clear(&rows);
    sweep_numbers_clear(&read);
    sweep_clear(&sweep);
    free(most);
    free(more);
}

/* What a sweep takes at most is what the reader of rows takes at most. */
static void test_the_largest_numbers_are_those_that_rows_may_hold(void **state)
{
    static char name[] = "m";
    const struct row most = {.model_name = name,
                             .input_tokens = SWEEP_TOKENS_MOST,
                             .output_tokens = SWEEP_TOKENS_MOST,
                             .num_requests = SWEEP_REQUESTS_MOST,
                             .concurrent_requests = SWEEP_CONCURRENCY_MOST};
    struct row cases[] = {most, most, most, most, most};

    (void)state;
    cases[1].input_tokens++;
    cases[2].output_tokens++;
    cases[3].num_requests++;
    cases[4].concurrent_requests++;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct rows rows = {.row = &cases[i], .count = 1};
        struct rows read = {0};
        struct faults faults = {0}, warnings = {0};
        struct text csv = {0};

        sweep_add_csv(&csv, &rows, &(struct sweep_alike){"", ""});
        rows_parse(csv.bytes, csv.length, "most", &read, &faults, &warnings);
        assert_int_equal(faults.count, i == 0 ? 0 : 1);
        rows_clear(&read);
        faults_clear(&faults);
        faults_clear(&warnings);
        text_clear(&csv);
    }
}

static void test_names_come_back_from_the_csv_as_they_were(void **state)
{
    static char plain[] = "Meta-Llama-3.3-70B-Instruct", comma[] = "a, b", quote[] = "a \"b\"",
                line[] = "a\nb\r\nc", blank[] = " a ", formula[] = "=1+1", slash[] = "Bundle/é";
    char *const names[] = {plain, comma, quote, line, blank, formula, slash};
    struct row row[COUNT_OF(names)];
    const struct rows rows = {.row = row, .count = COUNT_OF(names)};
    struct rows read = {0};
    struct faults faults = {0}, warnings = {0};
    struct text csv = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        row[i] = (struct row){.model_name = names[i],
                              .input_tokens = 10,
                              .output_tokens = 4,
                              .num_requests = 3,
                              .concurrent_requests = 1};
    sweep_add_csv(&csv, &rows, &(struct sweep_alike){"", ""});
    expect_part("header", csv.bytes,
                "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"
                "qps_distribution,multimodal_img_size\n"
                "Meta-Llama-3.3-70B-Instruct,10,4,3,1,,,\n"
                "\"a, b\",10,4,3,1,,,\n"
                "\"a \"\"b\"\"\",10,4,3,1,,,\n");
    assert_true(rows_parse(csv.bytes, csv.length, "names", &read, &faults, &warnings));
    assert_int_equal(warnings.count, 0);
    assert_int_equal(read.count, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        expect_text("name", read.row[i].model_name, names[i]);
    rows_clear(&read);
    text_clear(&csv);
}

/* A duration leaves the requests empty, unless they are asked for; columns that no row fills do not
 * stand. */
static void test_durations_stand_in_the_csv(void **state)
{
    static const struct {
        const char *name;
        struct sweep sweep;
        const char *csv;
    } cases[] = {
        {"none", {.num_requests = 0}, "multimodal_img_size\nu,1000,128,10,1,,,\n"},
        {"a duration",
         {.duration_s = 2.5},
         "multimodal_img_size,duration_s\nu,1000,128,,1,,,,2.5\n"},
        {"with a ceiling, a warm-up and a cool-down",
         {.num_requests = 1000000000,
          .duration_s = 30,
          .warmup_requests = 4,
          .cooldown_requests = 2},
         "multimodal_img_size,duration_s,warmup_requests,cooldown_requests\n"
         "u,1000,128,1000000000,1,,,,30,4,2\n"},
        {"a cool-down alone",
         {.cooldown_requests = 2},
         "multimodal_img_size,cooldown_requests\nu,1000,128,10,1,,,,2\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sweep_left_out left_out = {0};
        struct rows rows = {0};
        struct text csv = {0};
        struct error error;

        assert_true(sweep_add_model(&cases[i].sweep, &unknown, &rows, &left_out, &error));
        sweep_add_csv(&csv, &rows, &(struct sweep_alike){"", ""});
        expect_text(cases[i].name, strstr(csv.bytes, "multimodal"), cases[i].csv);
        text_clear(&csv);
        rows_clear(&rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_for_is_combined_and_what_does_not_fit_is_counted),
        cmocka_unit_test(test_requests_are_whole_waves_that_can_show_a_switch),
        cmocka_unit_test(test_lists_of_numbers),
        cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_durations_stand_in_the_csv),
        cmocka_unit_test(test_the_largest_numbers_are_those_that_rows_may_hold),
        cmocka_unit_test(test_names_come_back_from_the_csv_as_they_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
