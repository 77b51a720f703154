/* Keys of rows: the same where rows ask for the same, and another for whatever they ask besides. */
#include "record/row_key.h"

#include "support.h"

static void test_a_key_says_what_is_asked_for(void **state)
{
    static char model[] = "gpt-oss-120b", odd[] = "a b%c\n", trace[] = "day 1.csv";
    static const struct {
        const char *name;
        struct row row;
        const char *key;
    } cases[] = {
        {"closed loop",
         {.model_name = model,
          .input_tokens = 1000,
          .output_tokens = 64,
          .num_requests = 8,
          .concurrent_requests = 4},
         "gpt-oss-120b 1000/64 n=8 concurrent=4"},
        {"open loop",
         {.model_name = model,
          .input_tokens = 2000,
          .output_tokens = 128,
          .num_requests = 20,
          .qps = 0.5,
          .qps_distribution = ROW_EXPONENTIAL},
         "gpt-oss-120b 2000/128 n=20 qps=0.5 exponential"},
        {"a name with what parts words", {.model_name = odd}, "a%20b%25c%0A 0/0"},
        {"a trace's file",
         {.model_name = model, .trace = trace, .trace_speed = 2},
         "gpt-oss-120b 0/0 trace=day%201.csv trace_speed=2"},
        {"a picture",
         {.model_name = model, .multimodal_img_size = ROW_LARGE},
         "gpt-oss-120b 0/0 image=large"},
        {"no model", {.num_requests = 1}, " 0/0 n=1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *key = row_key(&cases[i].row);

        expect_text(cases[i].name, key, cases[i].key);
        free(key);
    }
}

/* Gives one thing of `row`, by its number, another value than 0; false where there is no such. */
static bool vary(struct row *row, size_t number)
{
    static char other[] = "other";
    int64_t *const integers[] = {
        &row->input_tokens,    &row->output_tokens,     &row->num_requests,
        &row->warmup_requests, &row->cooldown_requests, &row->concurrent_requests,
        &row->max_in_flight,   &row->mix_requests,      &row->prefix_tokens,
        &row->turns,           &row->turn_input_tokens};
    double *const numbers[] = {&row->stddev_input_tokens,
                               &row->stddev_output_tokens,
                               &row->duration_s,
                               &row->qps,
                               &row->burstiness,
                               &row->qps_end,
                               &row->share,
                               &row->trace_speed,
                               &row->trace_from_s,
                               &row->trace_for_s,
                               &row->think_time_s};
    char **const texts[] = {&row->model_name, &row->dataset, &row->mix, &row->trace};

    if (number < COUNT_OF(integers))
        *integers[number] = 7;
    else if ((number -= COUNT_OF(integers)) < COUNT_OF(numbers))
        *numbers[number] = 0.5;
    else if ((number -= COUNT_OF(numbers)) < COUNT_OF(texts))
        *texts[number] = other;
    else if (number == COUNT_OF(texts))
        row->qps_distribution = ROW_GAMMA;
    else if (number == COUNT_OF(texts) + 1)
        row->qps_ramp = ROW_RAMP_EXPONENTIAL;
    else if (number == COUNT_OF(texts) + 2)
        row->multimodal_img_size = ROW_SMALL;
    else
        return false;
    return true;
}

/* Two things varied at once are told apart from each other too. */
static void test_keys_are_the_same_where_rows_are(void **state)
{
    static char model[] = "m";
    struct row rows[64];
    char *key[COUNT_OF(rows)];
    size_t count = 0;

    (void)state;
    do
        rows[count] = (struct row){.model_name = model};
    while (vary(&rows[count], count) && ++count < COUNT_OF(rows) - 1);
    assert_int_equal(count, 29);
    rows[count++] = (struct row){.model_name = model, .share = 0.5, .num_requests = 5};
    rows[count] = (struct row){.model_name = model, .turns = 1};
    for (size_t i = 0; i <= count; i++)
        key[i] = row_key(&rows[i]);
    for (size_t i = 0; i <= count; i++) {
        for (size_t k = 0; k <= count; k++)
            expect_true(key[i],
                        (strcmp(key[i], key[k]) == 0) == (row_compare(&rows[i], &rows[k]) == 0));
    }
    for (size_t i = 0; i <= count; i++)
        free(key[i]);
}

/* What a row only carries with it is not asked for. */
static void test_what_is_not_asked_for_is_in_no_key(void **state)
{
    static char model[] = "m";
    const struct row row = {.model_name = model, .num_requests = 3};
    struct row same = row;
    char *key = row_key(&row), *other;

    (void)state;
    same.line = 9;
    same.warmup = true;
    same.turns_mean = 3;
    same.turns = 1;
    other = row_key(&same);
    expect_text("carried along", other, key);
    free(other);
    free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_says_what_is_asked_for),
        cmocka_unit_test(test_keys_are_the_same_where_rows_are),
        cmocka_unit_test(test_what_is_not_asked_for_is_in_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
