/* Names of files (formats.md, section 7). */
#include "store/name.h"

#include "support.h"

static char long_model[201];

static void test_names_tell_what_was_asked(void **state)
{
    static char kit[] = "Meta-Llama-3.3-70B-Instruct",
                odd[] = "__a b/c\xc3\xa4..D_--_e:", dash[] = "-x-";
    const struct {
        struct row row;
        const char *name; /* but for the UUID */
    } cases[] = {
        {{.model_name = kit, .input_tokens = 1000, .output_tokens = 32, .concurrent_requests = 4},
         "synthetic_0_Meta-Llama-3-3-70B-Instruct_1000_32_4_stream_"},
        {{.model_name = kit,
          .input_tokens = 1,
          .output_tokens = 2,
          .concurrent_requests = 1,
          .multimodal_img_size = ROW_MEDIUM},
         "synthetic_0_Meta-Llama-3-3-70B-Instruct_multimodal_medium_1_2_1_stream_"},
        {{.model_name = kit, .input_tokens = 1, .output_tokens = 2, .qps = 2},
         "realworkload_0_Meta-Llama-3-3-70B-Instruct_1_2_2-0_constant_stream_"},
        {{.model_name = kit,
          .input_tokens = 1,
          .output_tokens = 2,
          .qps = 0.5,
          .qps_distribution = ROW_EXPONENTIAL,
          .multimodal_img_size = ROW_LARGE},
         "realworkload_0_Meta-Llama-3-3-70B-Instruct_multimodal_large_1_2_0-5_exponential_stream_"},
        {{.model_name = kit,
          .input_tokens = 1,
          .output_tokens = 2,
          .qps = 1e-5,
          .qps_distribution = ROW_UNIFORM},
         "realworkload_0_Meta-Llama-3-3-70B-Instruct_1_2_1e-05_uniform_stream_"},
        {{.model_name = kit,
          .input_tokens = 1,
          .output_tokens = 2,
          .qps = 3,
          .qps_distribution = ROW_GAMMA,
          .burstiness = 0.5},
         "realworkload_0_Meta-Llama-3-3-70B-Instruct_1_2_3-0_gamma_stream_"},
        {{.model_name = odd, .input_tokens = 1, .output_tokens = 2, .concurrent_requests = 1},
         "synthetic_0_-a-b-c-D-e-_1_2_1_stream_"},
        {{.model_name = dash, .input_tokens = 1, .output_tokens = 2, .concurrent_requests = 1},
         "synthetic_0_-x-_1_2_1_stream_"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *name = name_of_step(&cases[i].row);
        size_t length = strlen(name);

        assert_true(length > 36);
        assert_int_equal(name[length - 36 + 14], '4'); /* a UUID of version 4 */
        name[length - 36] = '\0';
        expect_text(cases[i].name, name, cases[i].name);
        free(name);
    }
}

static void test_names_are_fresh_and_fit_a_file_system(void **state)
{
    struct row row = {.model_name = long_model,
                      .input_tokens = 16777216,
                      .output_tokens = 16777216,
                      .concurrent_requests = 1000000,
                      .multimodal_img_size = ROW_MEDIUM};
    char *one, *other;

    (void)state;
    memset(long_model, 'x', sizeof long_model - 1);
    one = name_of_step(&row);
    other = name_of_step(&row);
    assert_string_not_equal(one, other);
    assert_true(strlen(one) + strlen("_individual_responses.json") < 255);
    free(one);
    free(other);
}

/* Wanted: Python's repr. */
static void test_numbers_as_python_prints_a_float(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {2, "2.0"},
        {0.5, "0.5"},
        {10, "10.0"},
        {1e6, "1000000.0"},
        {1e-5, "1e-05"},
        {0.0001, "0.0001"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1, "0.1"},
        {123.456, "123.456"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = name_python_float(cases[i].number);

        expect_text(cases[i].text, text, cases[i].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_tell_what_was_asked),
        cmocka_unit_test(test_names_are_fresh_and_fit_a_file_system),
        cmocka_unit_test(test_numbers_as_python_prints_a_float),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
