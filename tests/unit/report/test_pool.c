/* Quantiles over all requests of a row. */
#include "report/pool.h"

#include "support.h"

enum { ROWS = 2 };

/* Row 0 is visited twice, row 1 once. */
struct fixture {
    struct step step[3];
    struct study_visit visit[3];
    struct study study;
};

static void make(struct fixture *fixture)
{
    static const size_t rows[] = {0, 1, 0};
    static const double throughputs[] = {100, 40, 300};

    *fixture = (struct fixture){0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct step *step = &fixture->step[i];

        step->completed = 2;
        step->client_total_output_throughput = throughputs[i];
        for (int q = 0; q < METRIC_QUANTILES; q++)
            step->metric[METRIC_CLIENT_TTFT_S].quantile[q] = metric_percent[q];
        step->metric[METRIC_CLIENT_TTFT_S].count = 2;
        fixture->visit[i] = (struct study_visit){.step = step, .row = rows[i]};
    }
    fixture->study = (struct study){.visit = fixture->visit, .visits = 3, .rows = ROWS};
}

/* A completed request whose TTFT by the client is known alone. */
static void add(struct pools *pools, size_t row, double ttft_s)
{
    double value[SWITCH_SOURCES][BATCH_FIGURES];

    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int figure = 0; figure < BATCH_FIGURES; figure++)
            value[source][figure] = NAN;
    }
    value[SWITCH_CLIENT][BATCH_TTFT] = ttft_s;
    pools_add(pools, row, value);
}

static void test_requests_of_several_visits_are_pooled(void **state)
{
    struct fixture fixture;
    struct pools pools;

    (void)state;
    make(&fixture);
    pools_begin(&fixture.study, &pools);
    for (int i = 0; i < 4; i++)
        add(&pools, 0, 4 - i);
    add(&pools, 1, 1000); /* its summary has it */
    add(&pools, SIZE_MAX, 1000);
    pools_conclude(&pools);
    assert_int_equal(pools.count, ROWS);
    assert_int_equal(pools.pool[0].visits, 2);
    assert_int_equal(pools.pool[0].requests, 4);
    expect_number("median", pools.pool[0].figure[SWITCH_CLIENT][BATCH_TTFT].p50, 2.5);
    expect_number("p5", pools.pool[0].figure[SWITCH_CLIENT][BATCH_TTFT].p5, 1.15);
    expect_number("nobody's", pools.pool[0].figure[SWITCH_SERVER][BATCH_TTFT].p50, NAN);
    expect_number("mean of visits", pools.pool[0].throughput, 200);
    pools_clear(&pools);
}

static void test_one_visit_has_its_summarys_figures(void **state)
{
    struct fixture fixture;
    struct pools pools;

    (void)state;
    make(&fixture);
    pools_begin(&fixture.study, &pools);
    pools_conclude(&pools);
    expect_number("p5", pools.pool[1].figure[SWITCH_CLIENT][BATCH_TTFT].p5, 5);
    expect_number("p50", pools.pool[1].figure[SWITCH_CLIENT][BATCH_TTFT].p50, 50);
    expect_number("p95", pools.pool[1].figure[SWITCH_CLIENT][BATCH_TTFT].p95, 95);
    expect_number("not summed up", pools.pool[1].figure[SWITCH_SERVER][BATCH_TTFT].p50, NAN);
    expect_number("throughput", pools.pool[1].throughput, 40);
    pools_clear(&pools);
}

static void test_no_study_has_no_pools(void **state)
{
    struct pools pools;

    (void)state;
    pools_begin(NULL, &pools);
    add(&pools, 0, 1);
    pools_conclude(&pools);
    assert_int_equal(pools.count, 0);
    pools_clear(&pools);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_of_several_visits_are_pooled),
        cmocka_unit_test(test_one_visit_has_its_summarys_figures),
        cmocka_unit_test(test_no_study_has_no_pools),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
