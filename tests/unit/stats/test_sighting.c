/* What visits show of paying, against likelihoods worked out from the densities. */
#include "stats/sighting.h"

#include "support.h"
#include "visits.h"

enum { VISITS = 6 };

struct seen {
    struct step step[VISITS];
    struct study study;
    struct sightings sightings;
};

/* Visits to one configuration, or two where `two` is set, that took so much more, ± 1 s. */
static struct seen *seen(const double *value_s, size_t count, bool two)
{
    static char model[] = "a";
    struct seen *seen = memory_new(1, sizeof *seen);

    seen->study = (struct study){.configurations = two ? 2 : 1,
                                 .visits = count,
                                 .visit = memory_new(VISITS, sizeof(struct study_visit))};
    for (size_t i = 0; i < count; i++) {
        seen->step[i] = step_to(model, i, 0.2);
        seen->study.visit[i] =
            (struct study_visit){.step = &seen->step[i],
                                 .configuration = two ? i % 2 : 0,
                                 .replicate = {.value_s = value_s[i], .error_s = 1}};
    }
    return seen;
}

static double ln(struct seen *seen, const double *chance)
{
    double ln;

    sightings_clear(&seen->sightings);
    seen->sightings = sightings_make(&seen->study);
    ln = sightings_ln(&seen->sightings, chance);
    return ln;
}

static void seen_free(struct seen *seen)
{
    sightings_clear(&seen->sightings);
    free(seen->study.visit);
    free(seen);
}

static double density(double z)
{
    return exp(-z * z / 2);
}

/* One visit that is said to stay: 99 % around 0, 1 % around the cost, averaged over costs. Its
 * error is 1 s and half of the 8 ms that a first request may take without a load. */
static void test_the_likelihood_of_one_visit_is_its_density(void **state)
{
    static const double value_s[] = {3};
    struct seen *one = seen(value_s, 1, false);
    double stays = ln(one, (double[]){0}), pays = ln(one, (double[]){1}), sum[2] = {0};

    (void)state;
    for (size_t g = 0; g < SIGHTING_COSTS; g++) {
        double error = hypot(1, 0.004), cost = one->sightings.cost_s[g];
        double deviation = hypot(error, 0.2 * cost);
        double prior = g == 0 ? 0.8 : 0.2 / (SIGHTING_COSTS - 1);
        double around[2] = {density(3 / error) / error,
                            density((3 - cost) / deviation) / deviation};

        sum[0] += prior * (0.99 * around[0] + 0.01 * around[1]);
        sum[1] += prior * (0.99 * around[1] + 0.01 * around[0]);
    }
    expect_number("no cost at all", one->sightings.cost_s[0], 0);
    assert_true(fabs(stays - log(sum[0])) < 1e-9);
    assert_true(fabs(pays - log(sum[1])) < 1e-9);
    assert_true(fabs(ln(one, (double[]){0.3}) - log(0.7 * sum[0] + 0.3 * sum[1])) < 1e-9);
    seen_free(one);
}

/* What is sure by its error is taken for a cost, but not where it is a hundredth of what a load
 * costs. */
static void test_what_is_small_beside_a_load_is_none(void **state)
{
    static const double value_s[] = {1.5, 1.6, 1.4, 1.5, 1.5, 190};
    struct seen *few = seen(value_s, VISITS, false);
    double all[VISITS] = {1, 1, 1, 1, 1, 1}, last[VISITS] = {0, 0, 0, 0, 0, 1};

    (void)state;
    for (size_t i = 0; i < VISITS; i++)
        few->study.visit[i].replicate.error_s = 0.2;
    few->study.visit[VISITS - 1].left_out = true;
    assert_true(ln(few, all) > ln(few, last) + 10); /* nobody knows what a load costs */
    few->study.visit[VISITS - 1].paid_as = VISIT_PAID;
    assert_true(ln(few, all) < ln(few, last));
    expect_number("error", few->sightings.visit[0].error_s, hypot(0.2, 0.02 * 190));
    seen_free(few);
}

/* A single contradiction costs a factor of a hundred, not more. */
/* Three requests were slow, by a tenth of their 0.2 s: a request that takes a tenth more may be
 * slow as they were, and one that takes ten times as long is not. */
static void test_what_no_slow_request_takes_is_none(void **state)
{
    static const double value_s[] = {0.02, 2};
    static double excess[] = {0.1, 0.1, 0.1};
    struct seen *two = seen(value_s, 2, false);
    struct study_steady *steady;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        two->step[i].measurement.side[two->step[i].measurement.source].steady_s = 0.2;
    steady = &two->study.steady[two->step[0].measurement.source];
    *steady = (struct study_steady){
        .requests = 20, .slow = 3, .excess = excess, .slow_share = 0.1, .slow_excess = 0.01};
    ln(two, (double[]){0, 0});
    assert_true(two->sightings.visit[0].slow_share > 0.09);
    expect_number("least", two->sightings.visit[1].slow_share, 0.01);
    seen_free(two);
}

static void test_no_visit_outweighs_all_others(void **state)
{
    static const double value_s[] = {50, 50, 50, 50, 0, 0};
    static const double right[] = {1, 1, 1, 1, 0, 0}, wrong[] = {1, 1, 1, 0, 0, 0};
    struct seen *six = seen(value_s, VISITS, false);
    double apart = ln(six, right) - ln(six, wrong);

    (void)state;
    expect_true("tells", apart > 4);
    expect_true("no more than that", apart < log(100) + 0.1);
    six->study.steady[SWITCH_SERVER].slow_share = 0.2; /* a slow request may be why */
    expect_true("less where many are slow", ln(six, right) - ln(six, wrong) < log(5) + 0.1);
    seen_free(six);
}

static void test_what_cannot_be_seen_or_is_left_out_says_nothing(void **state)
{
    static const double small_s[] = {0.1, -0.2, 0, 0.1, -0.1, 0};
    static const double large_s[] = {50, 50, 50, 50, 0, 0};
    static const double all[] = {1, 1, 1, 1, 1, 1}, none[VISITS] = {0};
    struct seen *few = seen(small_s, VISITS, false), *out = seen(large_s, VISITS, false);

    (void)state;
    expect_true("small", fabs(ln(few, all) - ln(few, none)) < 0.3);
    expect_true("large", fabs(ln(out, all) - ln(out, none)) > 1);
    for (size_t i = 0; i < VISITS; i++) {
        out->study.visit[i].left_out = i % 2 == 0;
        out->study.visit[i].reason = i % 2 == 1 ? SWITCH_RETRIED : SWITCH_MEASURABLE;
    }
    expect_number("nothing counts", ln(out, all) - ln(out, none), 0);
    seen_free(few);
    seen_free(out);
}

/* First visits that all paid are as likely as if that had been said, but for the average. */
/* Of costs that vary by 50 %, TTFTs' noise of 30 % among it, 40 % are their own; beside more noise
 * that is not known. */
static void test_costs_vary_by_what_is_not_noise(void **state)
{
    static const struct {
        struct study_variation variation;
        double own;
    } cases[] = {{{.share = 0.5, .df = 9, .noise_share = 0.3}, 0.4},
                 {{.share = 0.3, .df = 9, .noise_share = 0.3}, 0.2},
                 {{.share = 0.9, .df = 9, .noise_share = 0.5}, 0.2},
                 {{.share = NAN, .noise_share = NAN}, 0.2}};
    static const double value_s[] = {3};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen *one = seen(value_s, 1, false);

        one->study.variation = cases[i].variation;
        ln(one, (double[]){0});
        expect_number("own", one->sightings.variation, cases[i].own);
        seen_free(one);
    }
}

static void test_unsaid_visits_pay_as_they_look(void **state)
{
    static const double value_s[] = {50, 50, 50, 50, 50, 50};
    static const double unlabelled[] = {NAN, NAN, NAN, NAN, NAN, NAN};
    static const double all[] = {1, 1, 1, 1, 1, 1}, none[VISITS] = {0};
    struct seen *six = seen(value_s, VISITS, true);

    (void)state;
    expect_true("as if they paid", ln(six, unlabelled) > ln(six, all) - log(3) - 6 * 0.03);
    expect_true("not as if they stayed", ln(six, unlabelled) > ln(six, none) + 10);
    seen_free(six);
}

static void test_each_configuration_may_go_by_its_own(void **state)
{
    static const double value_s[] = {50, 0, 50, 0, 50, 0};
    static const double all[] = {1, 1, 1, 1, 1, 1}, none[VISITS] = {0};
    static const double own[] = {1, 0, 1, 0, 1, 0};
    struct seen *six = seen(value_s, VISITS, true);
    struct sighting_ln each[2][2], *lists[] = {each[0], each[1]};
    double right = ln(six, own), mixed;

    (void)state;
    sightings_ln_each(&six->sightings, all, each[0]);
    sightings_ln_each(&six->sightings, none, each[1]);
    mixed = sightings_ln_own(&six->sightings, lists, 2);
    expect_true("at most the right ones", mixed < right + 1e-9 + log(2));
    expect_true("half of them each", mixed > right - 2 * log(2) - 1e-9);
    seen_free(six);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_likelihood_of_one_visit_is_its_density),
        cmocka_unit_test(test_what_is_small_beside_a_load_is_none),
        cmocka_unit_test(test_what_no_slow_request_takes_is_none),
        cmocka_unit_test(test_no_visit_outweighs_all_others),
        cmocka_unit_test(test_what_cannot_be_seen_or_is_left_out_says_nothing),
        cmocka_unit_test(test_costs_vary_by_what_is_not_noise),
        cmocka_unit_test(test_unsaid_visits_pay_as_they_look),
        cmocka_unit_test(test_each_configuration_may_go_by_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
