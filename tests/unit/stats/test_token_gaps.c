/* Gaps between chunks by the tokens that they brought. */
#include "stats/token_gaps.h"

#include <math.h>

#include "records.h"
#include "support.h"

enum { MOST = 5 };

static struct request of_chunks(const struct chunk *chunks, size_t count)
{
    struct request request = request_begun();

    request.chunks = (struct chunk *)chunks;
    request.chunk_count = count;
    return request;
}

static void test_each_gap_is_shared_by_its_tokens(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        struct chunk chunks[MOST];
        size_t gaps;
        double value[MOST];
    } cases[] = {
        {"no chunk", 0, {{0}}, 0, {0}},
        {"one", 1, {{10 * MS, false, true, 3, 0, 0}}, 0, {0}},
        {"one token each",
         3,
         {{10 * MS, false, true, 1, 0, 0},
          {30 * MS, false, true, 2, 0, 0},
          {70 * MS, false, true, 3, 0, 0}},
         2,
         {0.02, 0.04}},
        {"several tokens",
         3,
         {{10 * MS, false, true, 2, 0, 0},
          {30 * MS, false, true, 6, 0, 0},
          {70 * MS, false, true, 8, 0, 0}},
         2,
         {0.005, 0.02}},
        {"not counted",
         3,
         {{10 * MS, false, true, 0, 0, 0},
          {30 * MS, false, true, 0, 0, 0},
          {70 * MS, false, true, 0, 0, 0}},
         0,
         {0}},
        {"a count is missing",
         4,
         {{10 * MS, false, true, 1, 0, 0},
          {20 * MS, false, true, 0, 0, 0},
          {30 * MS, false, true, 4, 0, 0},
          {50 * MS, false, true, 6, 0, 0}},
         1,
         {0.01}},
        {"the first one has none",
         3,
         {{10 * MS, false, true, 0, 0, 0},
          {20 * MS, false, true, 3, 0, 0},
          {30 * MS, false, true, 4, 0, 0}},
         1,
         {0.01}},
        {"no token between",
         3,
         {{10 * MS, false, true, 1, 0, 0},
          {30 * MS, false, true, 1, 0, 0},
          {40 * MS, false, true, 3, 0, 0}},
         1,
         {0.005}},
        {"one read",
         5,
         {{10 * MS, false, true, 1, 0, 0},
          {30 * MS, false, true, 3, 0, 0},
          {30 * MS, true, true, 5, 0, 0},
          {32 * MS, true, true, 12, 0, 0},
          {40 * MS, false, true, 13, 0, 0}},
         2,
         {0.002, 0.008}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = of_chunks(cases[i].chunks, cases[i].count);
        struct token_gaps gaps = {0};

        token_gaps_add(&gaps, &request);
        expect_number(cases[i].name, (double)gaps.count, (double)cases[i].gaps);
        for (size_t k = 0; k < cases[i].gaps; k++)
            expect_number(cases[i].name, gaps.low[k], cases[i].value[k]);
        for (size_t k = 0; k < cases[i].gaps; k++)
            expect_number(cases[i].name, gaps.high[k], cases[i].value[k]);
        token_gaps_clear(&gaps);
    }
}

static void test_those_of_all_requests_are_summed_up_together(void **state)
{
    static const struct chunk one[] = {{0, false, true, 1, 0, 0}, {30 * MS, false, true, 2, 0, 0}};
    static const struct chunk other[] = {{0, false, true, 1, 0, 0},
                                         {20 * MS, false, true, 3, 0, 0},
                                         {40 * MS, false, true, 4, 0, 0}};
    struct request requests[] = {of_chunks(one, 2), of_chunks(other, 3)};
    struct token_gaps gaps = {0};
    struct metric_summary summary;
    struct metric_bounds bounds;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++)
        token_gaps_add(&gaps, &requests[i]);
    summary = token_gaps_summary(&gaps, &bounds);
    assert_int_equal(summary.count, 3);
    expect_number("least", summary.least, 0.01);
    expect_number("median", summary.quantile[2], 0.02);
    expect_number("most", summary.most, 0.03);
    token_gaps_clear(&gaps);
    assert_int_equal(token_gaps_summary(&gaps, &bounds).count, 0);
}

/* The second and third chunk came by 40 ms and not before 20, in that order. */
static void test_gaps_lie_between_bounds(void **state)
{
    static const struct chunk late[] = {{10 * MS, false, true, 1, 0, 0},
                                        {40 * MS, false, true, 2, 20 * MS, 0},
                                        {30 * MS, true, true, 3, 10 * MS, 10 * MS},
                                        {60 * MS, false, true, 5, 0, 0}};
    struct request request = of_chunks(late, COUNT_OF(late));
    struct token_gaps gaps = {0};
    struct metric_bounds bounds;
    struct metric_summary summary;

    (void)state;
    token_gaps_add(&gaps, &request);
    summary = token_gaps_of_chunks(&gaps, &bounds);
    assert_int_equal(summary.count, 3); /* 10 to 30 ms, 0 to 20, 20 to 40 */
    expect_number("least", summary.least, NAN);
    expect_number("most", summary.most, NAN);
    expect_number("mean", summary.mean, NAN);
    assert_true(bounds.low[2] <= 0.01 && bounds.low[2] > 0.0099);
    assert_true(bounds.high[2] >= 0.03 && bounds.high[2] < 0.0302);
    /* By tokens, what was read together is one: 10 to 30 ms for two, 20 to 40 for two. */
    summary = token_gaps_summary(&gaps, &bounds);
    assert_int_equal(summary.count, 2);
    expect_number("p50, low", bounds.low[2], (0.005 + 0.01) / 2);
    expect_number("p50, high", bounds.high[2], (0.015 + 0.02) / 2);
    token_gaps_clear(&gaps);
}

/* Gap k of all is of k + 1 ms, so that what is kept tells which those are. */
static void test_a_long_row_needs_no_more_room(void **state)
{
    enum { CHUNKS = 1 << 16, ADDED = 3 * (TOKEN_GAPS_MOST / CHUNKS) };
    struct chunk *chunks = memory_new(CHUNKS + 1, sizeof *chunks);
    struct request request = of_chunks(chunks, CHUNKS + 1);
    struct token_gaps gaps = {0};
    int64_t number = 0;

    (void)state;
    for (size_t i = 0; i < ADDED; i++) {
        int64_t at_ns = 0;

        for (size_t k = 0; k <= CHUNKS; k++) {
            chunks[k] = (struct chunk){at_ns, false, true, (uint32_t)k + 1, 0, 0};
            at_ns += k < CHUNKS ? ++number * MS : 0;
        }
        token_gaps_add(&gaps, &request);
        assert_true(gaps.count < TOKEN_GAPS_MOST);
    }
    assert_int_equal(gaps.seen, (size_t)ADDED * CHUNKS);
    assert_int_equal(gaps.skipped, 3);
    assert_int_equal(gaps.count, (size_t)ADDED * CHUNKS / 4);
    for (size_t i = 0; i < gaps.count; i++)
        assert_true(fabs(gaps.low[i] - (double)(4 * i + 1) / 1000) < 1e-3);
    token_gaps_clear(&gaps);
    free(chunks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_gap_is_shared_by_its_tokens),
        cmocka_unit_test(test_those_of_all_requests_are_summed_up_together),
        cmocka_unit_test(test_gaps_lie_between_bounds),
        cmocka_unit_test(test_a_long_row_needs_no_more_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
