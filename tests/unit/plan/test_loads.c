/* What a bundle file tells about rows: configurations, and what does not fit. */
#include "plan/loads.h"

#include "support.h"

static const char yaml[] =
    "node: {hbm_gb: 100}\n"
    "experts:\n"
    "  - {name: one, weight_gb: 10, template_tokens: 300,\n"
    "     tiers: [{tokens: 4096, batch_sizes: [1, 2, 4, 8]}, {tokens: 8192, batch_sizes: [1, "
    "4]}]}\n"
    "  - {name: two, weight_gb: 7, tiers: [{tokens: 1000, batch_sizes: [2]}]}\n";

static void read_bundle(struct bundle *bundle)
{
    struct faults faults = {0};

    support_write("bundle.yaml", yaml);
    *bundle = (struct bundle){0};
    assert_true(bundle_read("bundle.yaml", bundle, &faults));
}

static struct row asks(const char *model, int64_t tokens, int64_t requests, int64_t concurrent)
{
    return (struct row){.model_name = (char *)model,
                        .input_tokens = tokens - 100,
                        .output_tokens = 100,
                        .num_requests = requests,
                        .concurrent_requests = concurrent,
                        .qps = concurrent ? 0 : 5,
                        .line = 2};
}

static void test_rows_name_their_configurations(void **state)
{
    static const struct {
        const char *model;
        int64_t tokens, requests, concurrent;
        const char *loads;
    } cases[] = {
        {"one", 2000, 10, 1, "one-4k-BS1"},
        {"one", 2000, 10, 2, "one-4k-BS1, BS2"},
        {"one", 2000, 10, 3, "one-4k-BS1, BS2, BS4"}, /* two behind the first, or three at once */
        {"one", 2000, 10, 5, "one-4k-BS1, BS4, BS8"},
        {"one", 2000, 10, 8, "one-4k-BS1, BS8"},
        {"one", 2000, 100, 50, "one-4k-BS1, BS8"},
        {"one", 2000, 2, 50, "one-4k-BS1, BS2"}, /* there are only two */
        {"one", 4096, 10, 1, "one-4k-BS1"},
        {"one", 4097, 10, 2, "one-8k-BS1, BS4"},
        {"one", 2000, 3, 0, "one-4k-BS1, BS2, BS4"}, /* open loop */
        {"one", 2000, 99, 0, "one-4k-BS1, BS2, BS4, BS8"},
        {"two", 500, 10, 1, "two-1000-BS2"},
        {"Bundle/two", 500, 10, 1, "two-1000-BS2"},
        {"COE/any/two", 500, 10, 1, "two-1000-BS2"},
        {"other/two", 500, 10, 1, ""},
        {"one", 8193, 10, 1, ""},
        {"three", 500, 10, 1, ""},
    };
    struct bundle bundle;

    (void)state;
    read_bundle(&bundle);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct row row =
            asks(cases[i].model, cases[i].tokens, cases[i].requests, cases[i].concurrent);
        struct text loads = {0};

        text_add_string(&loads, "");
        loads_add(&loads, &bundle, &row);
        expect_text(cases[i].model, loads.bytes, cases[i].loads);
        text_clear(&loads);
    }
    bundle_clear(&bundle);
}

static void test_what_does_not_fit_is_warned_of(void **state)
{
    static const struct {
        const char *model;
        int64_t tokens;
        const char *warning; /* NULL: none */
    } cases[] = {
        {"one", 3796, NULL}, /* with the template's 300 just 4096 */
        {"one", 3797, "rows.csv:2: input and output are 3797 tokens, so near the tier of 4096"},
        {"one", 4097, NULL},
        {"one", 8193,
         "input and output are 8193 tokens; the longest tier of 'one' in the bundle "
         "holds 8192"},
        {"two", 980, NULL}, /* a fiftieth is left */
        {"two", 981, "so near the tier of 1000"},
        {"tow", 500, "rows.csv:2: the bundle does not list the model 'tow' (did you mean 'two'?)"},
        {"Bundle/two", 500, NULL},
    };
    struct bundle bundle;

    (void)state;
    read_bundle(&bundle);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct row row = asks(cases[i].model, cases[i].tokens, 10, 1);
        struct faults warnings = {0};

        loads_advise(&bundle, &(struct rows){.row = &row, .count = 1}, "rows.csv", &warnings);
        expect_faults(cases[i].model, &warnings, cases[i].warning);
        faults_clear(&warnings);
    }
    bundle_clear(&bundle);
}

static void test_totals_count_each_configuration_once(void **state)
{
    struct row row[] = {asks("one", 2000, 10, 2), asks("one", 1000, 10, 1), asks("two", 500, 10, 1),
                        asks("one", 5000, 10, 1), asks("three", 5000, 10, 1)};
    struct loads_total total;
    struct bundle bundle;

    (void)state;
    read_bundle(&bundle);
    total = loads_total(&bundle, &(struct rows){.row = row, .count = COUNT_OF(row)});
    assert_int_equal(total.configurations, 4);
    expect_number("GB", total.gb, 10 + 10 + 7 + 10);
    bundle_clear(&bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_rows_name_their_configurations),
        in_folder(test_what_does_not_fit_is_warned_of),
        in_folder(test_totals_count_each_configuration_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
