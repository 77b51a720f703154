/* Whether a row measured the endpoint or the client. */
#include "stats/health.h"

#include "support.h"

static const struct health_limits limits = {0.05, 0.05, 0.05, 0.01, 0.8};

/* A row whose figures are round: TTFT 0.1 s, a token each 10 ms, 1 s in all. */
static struct step healthy(bool closed)
{
    struct step step = {.completed = 100,
                        .row = {.concurrent_requests = closed ? 4 : 0, .qps = closed ? 0 : 5},
                        .health = {.kernel_stamped_share = 1,
                                   .read_lateness_p99_s = 0.0001,
                                   .loop_cpu_share_max = 0.1}};
    const struct {
        enum metric metric;
        double value;
    } values[] = {{METRIC_CLIENT_TTFT_S, 0.1},
                  {METRIC_CLIENT_END_TO_END_LATENCY_S, 1},
                  {METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, 0.01},
                  {METRIC_CLIENT_SCHEDULE_DELAY_S, 0.0002}};

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct metric_summary *summary = &step.metric[values[i].metric];

        summary->count = 100;
        summary->mean = values[i].value;
        for (int k = 0; k < METRIC_QUANTILES; k++)
            summary->quantile[k] = values[i].value;
    }
    return step;
}

static void delay(struct step *step, double delay_s)
{
    step->metric[METRIC_CLIENT_SCHEDULE_DELAY_S].mean = delay_s;
    step->metric[METRIC_CLIENT_SCHEDULE_DELAY_S].quantile[6] = delay_s;
}

static void expect(const char *name, struct step *step, enum measurement_verdict verdict,
                   const char *part)
{
    health_judge(step, &limits);
    expect_text(name, measurement_verdict_words[step->health.verdict],
                measurement_verdict_words[verdict]);
    expect_part(name, step->health.reason, part);
}

static void test_nothing_wrong_is_valid(void **state)
{
    (void)state;
    for (int closed = 0; closed <= 1; closed++) {
        struct step step = healthy(closed);

        expect("healthy", &step, MEASUREMENT_VALID, "");
        expect_text("no reason", step.health.reason, "");
    }
}

static void test_what_is_not_known_is_held_against_nobody(void **state)
{
    struct step step = {.completed = 0, .health = {.read_lateness_p99_s = NAN}};

    (void)state;
    expect("nothing completed", &step, MEASUREMENT_VALID, "");
}

static void test_sends_that_are_late(void **state)
{
    static const struct {
        const char *name;
        bool closed;
        double delay_s;
        enum measurement_verdict verdict;
        const char *part;
    } cases[] = {
        {"open, at the limit", false, 0.00499, MEASUREMENT_VALID, ""},
        {"open, past it", false, 0.0051, MEASUREMENT_DEGRADED, "5 % of the TTFT p50"},
        {"open, four times", false, 0.0201, MEASUREMENT_INVALID, "TTFT and end-to-end suffer"},
        {"closed, at the limit", true, 0.052, MEASUREMENT_VALID, ""},
        {"closed, past it", true, 0.053, MEASUREMENT_DEGRADED, "5 % less than asked"},
        {"closed, a fifth empty", true, 0.251, MEASUREMENT_INVALID, "20 % less than asked"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = healthy(cases[i].closed);

        delay(&step, cases[i].delay_s);
        expect(cases[i].name, &step, cases[i].verdict, cases[i].part);
    }
}

static void test_responses_that_are_read_late(void **state)
{
    struct step step = healthy(true);

    (void)state;
    step.health.read_lateness_p99_s = 0.03;
    expect("stamped", &step, MEASUREMENT_DEGRADED, "30 % of the TTFT p50: inter-token times");
    step.health.kernel_stamped_share = 0.5;
    expect("not stamped", &step, MEASUREMENT_INVALID, "TTFT, inter-token and end-to-end");
}

static void test_chunks_that_piled_up(void **state)
{
    struct step step = healthy(true);

    (void)state;
    step.health.coalesced_share = 0.5;
    expect("the server packs them", &step, MEASUREMENT_VALID, "");
    step.health.read_lateness_p99_s = 0.0049;
    expect("we read within half a gap", &step, MEASUREMENT_VALID, "");
    step.health.read_lateness_p99_s = 0.0051;
    expect("we may have let them pile up", &step, MEASUREMENT_DEGRADED, "50 % of the chunks");
}

static void test_a_busy_core(void **state)
{
    struct step step = healthy(true);

    (void)state;
    step.health.loop_cpu_share_max = 0.81;
    expect("busy", &step, MEASUREMENT_DEGRADED, "81 % of a core");
    step.health.loop_cpu_share_max = 0.96;
    expect("full", &step, MEASUREMENT_INVALID, "set threads");
}

static void test_a_journal_that_is_full(void **state)
{
    struct step step = healthy(true);

    (void)state;
    step.wall_s = 100;
    step.journal_wait_s = 0.9;
    expect("below", &step, MEASUREMENT_VALID, "");
    step.journal_wait_s = 1.1;
    expect("past", &step, MEASUREMENT_DEGRADED, "waited 1.10 s for the journal");
    step.journal_wait_s = 4.1;
    expect("four times", &step, MEASUREMENT_INVALID, "4 % of the row");
}

static void test_few_requests_are_never_invalid(void **state)
{
    struct step step = healthy(true);

    (void)state;
    delay(&step, 10);
    step.completed = 19;
    expect("19", &step, MEASUREMENT_DEGRADED, "91 % less");
    step.completed = 20;
    expect("20", &step, MEASUREMENT_INVALID, "91 % less");
}

static void test_one_request_that_this_machine_made_impossible(void **state)
{
    struct step step = healthy(true);

    (void)state;
    step.completed = 1;
    step.local_failures = 1;
    expect("one", &step, MEASUREMENT_INVALID, "1 request failed for want of this machine");
    step.local_failures = 2;
    delay(&step, 10);
    expect("two", &step, MEASUREMENT_INVALID, "2 requests failed for want of this machine");
    expect("and the others", &step, MEASUREMENT_INVALID, "; requests left");
}

static void test_all_reasons_are_reported(void **state)
{
    struct step step = healthy(true);

    (void)state;
    delay(&step, 10);
    step.health.loop_cpu_share_max = 1.2;
    step.health.read_lateness_p99_s = 5;
    step.health.coalesced_share = 1;
    expect("processor", &step, MEASUREMENT_INVALID, "120 % of a core");
    expect("schedule", &step, MEASUREMENT_INVALID, "less than asked");
    expect("lateness", &step, MEASUREMENT_INVALID, "after they arrived");
    expect("coalesced", &step, MEASUREMENT_INVALID, "100 % of the chunks");
}

static void test_clocks_of_ranks_are_to_be_known(void **state)
{
    struct step step = healthy(true);

    (void)state;
    step.health.clock_uncertainty_s = NAN;
    expect("one process", &step, MEASUREMENT_VALID, "");
    step.health.clock_uncertainty_s = 0.9e-3;
    expect("known", &step, MEASUREMENT_VALID, "");
    step.health.clock_uncertainty_s = 7.5e-3;
    expect("not known", &step, MEASUREMENT_DEGRADED,
           "the clocks of the ranks are known to within 7.50 ms");
}

static void test_each_rank_is_judged_by_what_it_saw(void **state)
{
    struct step step = healthy(true);
    struct step_rank rank[3];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rank); i++)
        rank[i] = (struct step_rank){.health = step.health};
    rank[1].health.loop_cpu_share_max = step.health.loop_cpu_share_max = 1.2;
    rank[2].health.clock_uncertainty_s = step.health.clock_uncertainty_s = 7.5e-3;
    delay(&step, 100); /* nobody's own */
    step.rank = rank;
    step.ranks = COUNT_OF(rank);
    expect("all", &step, MEASUREMENT_INVALID, "120 % of a core");
    assert_int_equal(rank[0].health.verdict, MEASUREMENT_VALID);
    expect_text("nothing", rank[0].health.reason, "");
    assert_int_equal(rank[1].health.verdict, MEASUREMENT_INVALID);
    assert_int_equal(rank[2].health.verdict, MEASUREMENT_DEGRADED);
    expect_part("its clock", rank[2].health.reason, "the clocks of the ranks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks_of_ranks_are_to_be_known),
        cmocka_unit_test(test_nothing_wrong_is_valid),
        cmocka_unit_test(test_each_rank_is_judged_by_what_it_saw),
        cmocka_unit_test(test_what_is_not_known_is_held_against_nobody),
        cmocka_unit_test(test_sends_that_are_late),
        cmocka_unit_test(test_responses_that_are_read_late),
        cmocka_unit_test(test_chunks_that_piled_up),
        cmocka_unit_test(test_a_busy_core),
        cmocka_unit_test(test_a_journal_that_is_full),
        cmocka_unit_test(test_few_requests_are_never_invalid),
        cmocka_unit_test(test_one_request_that_this_machine_made_impossible),
        cmocka_unit_test(test_all_reasons_are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
