/* How many ranks a load needs. */
#include "plan/ranks_need.h"

#include "core/memory.h"
#include "growth.h"
#include "support.h"

static char a[] = "a", b[] = "b", day[] = "day", all[] = "all";

static struct row row_of(char *model, int64_t output, int64_t places, double qps)
{
    return (struct row){.model_name = model,
                        .input_tokens = 100,
                        .output_tokens = output,
                        .num_requests = 10,
                        .concurrent_requests = places,
                        .qps = qps};
}

/* Of 1000 and, in batches of 8, 1500 tokens/s a request. */
static void describe(struct bundle *bundle)
{
    static double sizes[] = {1, 8};
    static struct bundle_speed speeds[] = {{8, 0, 1500}};
    static struct bundle_tier tiers[] = {{.tokens = 4096,
                                          .batch_sizes = {sizes, 2},
                                          .decode_tokens_per_s = 1000,
                                          .speeds = {speeds, 1}}};
    static struct bundle_expert experts[] = {{.name = a, .tiers = {tiers, 1}}};

    *bundle = (struct bundle){.experts = {experts, 1}};
}

static void test_a_row_needs_what_its_streams_bring(void **state)
{
    struct row row[] = {row_of(a, 500, 0, 900), row_of(b, 500, 64, 0),   row_of(a, 500, 64, 0),
                        row_of(a, 500, 0, 900), row_of(a, 500, 0, 0.01), row_of(b, 500, 0, 900)};
    const struct {
        double events_per_s;
        size_t ranks, most;
        bool guessed;
    } wanted[] = {{450000, 5, 0, false}, {6400, 1, 64, true}, {96000, 2, 64, false},
                  {6000, 1, 4, false},   {5, 1, 0, false},    {900000, 10, 0, false}};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    struct settings settings = {.threads = 1};
    struct bundle bundle;

    (void)state;
    describe(&bundle);
    row[3].max_in_flight = 4;
    row[5].qps_end = 1800;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct ranks_need need = ranks_need_of(&rows, i, &bundle, &settings);

        expect_number("events", need.events_per_s, wanted[i].events_per_s);
        assert_int_equal(need.ranks, wanted[i].ranks);
        assert_int_equal(need.most, wanted[i].most);
        assert_int_equal(need.guessed, wanted[i].guessed);
    }
    settings.threads = 4;
    assert_int_equal(ranks_need_of(&rows, 0, &bundle, &settings).ranks, 2);
}

static void test_a_mix_needs_what_its_members_need_together(void **state)
{
    struct row row[] = {row_of(a, 200, 0, 300), row_of(b, 100, 0, 1), row_of(b, 300, 0, 400),
                        row_of(a, 200, 80, 0), row_of(b, 200, 80, 0)};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    const struct settings settings = {.threads = 1, .max_workers = 2};
    struct ranks_need need;
    struct bundle bundle;

    (void)state;
    describe(&bundle);
    row[0].mix = row[2].mix = day;
    row[3].mix = row[4].mix = all;
    row[3].share = row[4].share = 0.5;
    need = ranks_need_of(&rows, 0, &bundle, &settings);
    expect_number("both", need.events_per_s, 300 * 200 + 400 * 300);
    assert_int_equal(need.rows, 2);
    assert_int_equal(need.ranks, 2);
    assert_true(ranks_need_begins(&rows, 0) && ranks_need_begins(&rows, 1));
    assert_true(!ranks_need_begins(&rows, 2) && !ranks_need_begins(&rows, 4));
    need = ranks_need_of(&rows, 3, &bundle, &settings);
    expect_number("places in common", need.events_per_s, 80 * 1500);
    assert_int_equal(need.most, 80);
    expect_number("the two that need most",
                  ranks_need_beside(&rows, &bundle, &settings).events_per_s, 180000 + 120000);
}

static void need_each(size_t count)
{
    struct settings settings = {.threads = 1};
    struct rows rows = {.row = memory_new(count, sizeof(struct row)), .count = count};
    struct bundle bundle;

    describe(&bundle);
    for (size_t i = 0; i < count; i++)
        rows.row[i] = row_of(a, 100, 4, 0);
    for (size_t i = 0; i < count; i++)
        assert_true(ranks_need_begins(&rows, i) &&
                    ranks_need_of(&rows, i, &bundle, &settings).ranks == 1);
    free(rows.row);
}

static void test_many_rows_take_no_square(void **state)
{
    (void)state;
    expect_no_square("rows of no mix", need_each, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_needs_what_its_streams_bring),
        cmocka_unit_test(test_a_mix_needs_what_its_members_need_together),
        cmocka_unit_test(test_many_rows_take_no_square),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
