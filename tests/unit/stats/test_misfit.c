/* Whether visits contradict what a rule says of them. */
#include "stats/misfit.h"

#include "core/random.h"
#include "support.h"
#include "visits.h"

enum { VISITS = 120, UNITS = 4 };

/* Visits to drawn configurations that pay by LRU of two, or by something else, 10 deviations. */
struct contradicted {
    struct step step[VISITS];
    struct study study;
    struct sightings sightings;
    double chance[VISITS];
};

enum other { BY_THE_RULE, SOME_NOT, BY_CHANCE, PINNED, SLOW };

static bool pays(enum other other, double by_rule, size_t unit, struct random *random)
{
    if (other == SOME_NOT && random_unit(random) < 0.15)
        return by_rule != 1;
    if (other == BY_CHANCE)
        return random_unit(random) < 0.5;
    if (other == PINNED)
        return unit > 0;
    if (other == SLOW && random_unit(random) < 0.25)
        return true;
    return by_rule == 1;
}

static struct contradicted *contradict(enum other other, uint64_t seed)
{
    static char model[] = "a";
    static const struct residency_rule rule = {RESIDENCY_LRU, false, 2, NAN};
    const uint64_t key[] = {0x6d69, (uint64_t)other, seed};
    struct contradicted *one = memory_new(1, sizeof *one);
    struct random random;

    random_init(&random, key, 3);
    one->study = (struct study){.configurations = UNITS,
                                .visits = VISITS,
                                .visit = memory_new(VISITS, sizeof(struct study_visit))};
    for (size_t i = 0; i < VISITS; i++) {
        one->step[i] = step_to(model, i, 0.2);
        one->study.visit[i] = (struct study_visit){
            .step = &one->step[i], .configuration = (size_t)random_below(&random, UNITS)};
    }
    residency_rule_follow(&one->study, &rule, one->chance);
    for (size_t i = 0; i < VISITS; i++) {
        struct study_visit *visit = &one->study.visit[i];
        bool paid = pays(other, one->chance[i], visit->configuration, &random);

        visit->replicate.error_s = 1;
        visit->replicate.value_s = random_normal(&random) + (paid ? 10 : 0);
    }
    one->sightings = sightings_make(&one->study);
    return one;
}

/* ln of how much likelier something else is, the least and the most of some seeds. */
static void expect_between(const char *name, enum other other, double least, double most)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct contradicted *one = contradict(other, seed);
        double ln =
            misfit_ln(&one->sightings, one->chance) - sightings_ln(&one->sightings, one->chance);

        if (!(ln >= least && ln <= most))
            fail_msg("%s: seed %d: %g", name, (int)seed, ln);
        sightings_clear(&one->sightings);
        free(one->study.visit);
        free(one);
    }
}

/* Each visit throws out what is there with a chance of 0.3; or of 0.06 and 0.7, by what it is. With
 * switches of three deviations, how much likelier something else is, in ln on average: less where
 * the same chance for all (27.4), or one for each (29.0), is not supposed. */
static void test_chances_to_be_thrown_out_are_tried(void **state)
{
    static const struct {
        double kept[UNITS], least;
    } cases[] = {{{0.7, 0.7, 0.7, 0.7}, 28.5}, {{0.94, 0.94, 0.3, 0.3}, 33}};

    (void)state;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        double sum = 0;

        for (uint64_t seed = 0; seed < 20; seed++) {
            struct contradicted *one = contradict(BY_THE_RULE, seed);
            const uint64_t key[] = {0x7468, k, seed};
            double since[VISITS];
            struct random random;

            random_init(&random, key, 3);
            residency_visits_since(&one->study, since);
            for (size_t i = 0; i < VISITS; i++) {
                struct study_visit *visit = &one->study.visit[i];
                double kept =
                    isnan(since[i]) ? 0 : pow(cases[k].kept[visit->configuration], since[i] - 1);

                visit->replicate.value_s =
                    random_normal(&random) + (random_unit(&random) < kept ? 0 : 3);
            }
            sightings_clear(&one->sightings);
            one->sightings = sightings_make(&one->study);
            sum += misfit_ln(&one->sightings, one->chance) -
                   sightings_ln(&one->sightings, one->chance);
            sightings_clear(&one->sightings);
            free(one->study.visit);
            free(one);
        }
        if (!(sum / 20 > cases[k].least))
            fail_msg("case %zu: %g", k, sum / 20);
    }
}

static void test_what_goes_by_the_rule_is_not_contradicted(void **state)
{
    (void)state;
    expect_between("by the rule", BY_THE_RULE, -INFINITY, 0);
}

static void test_what_goes_by_another_is(void **state)
{
    (void)state;
    expect_between("some do not", SOME_NOT, log(100), INFINITY);
    expect_between("by chance", BY_CHANCE, log(100), INFINITY);
    expect_between("one is pinned", PINNED, log(100), INFINITY);
}

/* A quarter of all visits is slow, whether it pays or not: it may be that, and not the rule. */
static void test_what_is_slow_contradicts_nothing(void **state)
{
    double against = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct contradicted *one = contradict(SLOW, seed);
        double rule = sightings_ln(&one->sightings, one->chance), slow, other;

        expect_true("no steady one is", misfit_slow_ln(&one->sightings, one->chance) < rule);
        sightings_clear(&one->sightings);
        one->study.steady[SWITCH_SERVER].slow_share = 0.03;
        one->sightings = sightings_make(&one->study);
        rule = sightings_ln(&one->sightings, one->chance);
        slow = misfit_slow_ln(&one->sightings, one->chance);
        other = misfit_ln(&one->sightings, one->chance);

        against += other - rule;
        expect_true("not beside slow ones", other - slow < log(100));
        sightings_clear(&one->sightings);
        free(one->study.visit);
        free(one);
    }
    expect_true("against the rule by itself", against / 20 > log(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_by_the_rule_is_not_contradicted),
        cmocka_unit_test(test_what_goes_by_another_is),
        cmocka_unit_test(test_what_is_slow_contradicts_nothing),
        cmocka_unit_test(test_chances_to_be_thrown_out_are_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
