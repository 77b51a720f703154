/* Which batches of a mix paid, on TTFTs that are drawn from a seed. */
#include "stats/mix_paying.h"

#include "core/random.h"
#include "support.h"

enum { BATCHES = 300 };

/* What one member's TTFTs are like. */
struct drawn_case {
    const char *name;
    double same;      /* share of batches that follow their own */
    double pays;      /* share of the others that pay … */
    double switch_s;  /* … so much; a hit takes 0.1 s at size 1, 0.2 s at size 4 */
    double cold_s;    /* what all others take more without a switch */
    double slow;      /* share of all that take twice as long */
    double size_four; /* share of batches of four */
    size_t visit;     /* requests of a steady visit */
    double visit_s;   /* what they took */
    /* What is found, within `within` points, and whether the visit tells. */
    enum mix_reason reason;
    double within;
    bool by_visit, disagrees, blurred;
};

static const struct drawn_case drawn_cases[] = {
    {.name = "half pay", .same = 0.4, .pays = 0.5, .switch_s = 0.1, .within = 0.001},
    {.name = "none pay", .same = 0.4, .pays = 0, .switch_s = 0.1, .within = 0.001},
    {.name = "all pay", .same = 0.4, .pays = 1, .switch_s = 0.1, .within = 0.001},
    {.name = "few follow their own, two clusters",
     .same = 0.005,
     .pays = 0.5,
     .switch_s = 0.2,
     .within = 0.001},
    {.name = "all pay and none is known",
     .same = 0,
     .pays = 1,
     .switch_s = 0.2,
     .reason = MIX_NO_BASELINE},
    {.name = "all pay, and a visit tells",
     .same = 0,
     .pays = 1,
     .switch_s = 0.2,
     .visit = 20,
     .visit_s = 0.1,
     .within = 0.001,
     .by_visit = true},
    {.name = "a visit that agrees",
     .same = 0.4,
     .pays = 0.5,
     .switch_s = 0.1,
     .visit = 20,
     .visit_s = 0.1,
     .within = 0.001,
     .by_visit = true},
    {.name = "a visit to a faster node",
     .same = 0.4,
     .pays = 0.5,
     .switch_s = 0.1,
     .visit = 20,
     .visit_s = 0.05,
     .within = 0.001,
     .disagrees = true},
    {.name = "two sizes",
     .same = 0.4,
     .pays = 0.3,
     .switch_s = 0.2,
     .size_four = 0.4,
     .within = 0.001},
    {.name = "a tenth is slow anyhow",
     .same = 0.5,
     .pays = 0.3,
     .switch_s = 0.4,
     .slow = 0.1,
     .within = 0.02},
    {.name = "a tenth is slow and none pay",
     .same = 0.5,
     .pays = 0,
     .switch_s = 0.1,
     .slow = 0.1,
     .within = 0.001},
    {.name = "all pay near the noise",
     .same = 0.5,
     .pays = 1,
     .switch_s = 0.014,
     .within = 0.1,
     .blurred = true},
    {.name = "half pay near the noise", .same = 0.5, .pays = 0.5, .switch_s = 0.03, .within = 0.05},
    {.name = "no more than a cold cache",
     .same = 0.5,
     .pays = 0,
     .switch_s = 0.1,
     .cold_s = 0.005,
     .within = 0.001},
};

/* Draws batches of member 0 among those of another; returns how many paid. */
static size_t draw(const struct drawn_case *given, struct mix_batch *batch, uint64_t seed)
{
    const uint64_t key[] = {0x6d70, seed};
    struct random random;
    size_t paid = 0;

    random_init(&random, key, 2);
    for (size_t i = 0; i < BATCHES; i++) {
        bool four = random_unit(&random) < given->size_four;
        bool same = random_unit(&random) < given->same;
        bool pays = !same && random_unit(&random) < given->pays;
        double hit_s = (four ? 0.2 : 0.1) * exp(0.05 * random_normal(&random));

        if (random_unit(&random) < given->slow)
            hit_s *= 2;
        batch[i] = (struct mix_batch){.size = four ? 4 : 1,
                                      .calls = four ? 4 : 1,
                                      .same = same,
                                      .ttft_s = hit_s + (pays ? given->switch_s : 0) +
                                                (same ? 0 : given->cold_s),
                                      .paid = NAN,
                                      .extra_s = NAN};
        paid += pays;
    }
    return paid;
}

static void expect_drawn(const struct drawn_case *given, uint64_t seed)
{
    struct mix_batch batch[BATCHES];
    struct mix_calls calls = {.batch = batch, .batches = BATCHES, .source = SWITCH_SERVER};
    struct mix_steady steady = {given->visit, log(given->visit_s), 0.05, 1};
    double paid = (double)draw(given, batch, seed), sum = 0;
    struct mix_paying found = mix_paying_find(&calls, 0, &steady);

    expect_true(given->name, found.reason == given->reason);
    if (found.reason != MIX_MEASURED)
        return;
    for (size_t i = 0; i < BATCHES; i++) {
        sum += batch[i].paid;
        expect_true(given->name, !batch[i].same || batch[i].paid == 0);
    }
    if (!(fabs(sum - paid) <= given->within * BATCHES))
        fail_msg("%s: %g paid, not %g", given->name, sum, paid);
    if (paid > 0 && !(fabs(found.switch_s - given->switch_s) <= 0.15 * given->switch_s))
        fail_msg("%s: a switch of %g s, not %g", given->name, found.switch_s, given->switch_s);
    expect_true(given->name, found.by_visit == given->by_visit);
    expect_true(given->name, found.disagrees == given->disagrees);
    expect_true(given->name, found.blurred == given->blurred);
}

static void test_who_paid_is_found(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(drawn_cases); c++) {
        for (uint64_t seed = 0; seed < 5; seed++)
            expect_drawn(&drawn_cases[c], seed);
    }
}

/* Of a size of which nothing is known, as many are taken to pay as of the others. */
static void test_what_nothing_tells_of_is_counted(void **state)
{
    struct mix_batch batch[BATCHES];
    struct mix_calls calls = {.batch = batch, .batches = BATCHES, .source = SWITCH_SERVER};
    struct mix_paying found;

    (void)state;
    draw(&drawn_cases[0], batch, 1);
    batch[7].size = 16;
    batch[7].same = false;
    found = mix_paying_find(&calls, 0, NULL);
    assert_int_equal(found.unknown, 1);
    assert_true(batch[7].paid > 0.4 && batch[7].paid < 0.6);
    assert_true(fabs(batch[7].extra_s - batch[7].paid * found.switch_s) < 1e-12);
}

static void test_others_are_left_alone(void **state)
{
    struct mix_batch batch[BATCHES];
    struct mix_calls calls = {.batch = batch, .batches = BATCHES, .source = SWITCH_SERVER};

    (void)state;
    draw(&drawn_cases[0], batch, 1);
    for (size_t i = 0; i < BATCHES; i += 2)
        batch[i].member = 1;
    assert_int_equal(mix_paying_find(&calls, 0, NULL).reason, MIX_MEASURED);
    for (size_t i = 0; i < BATCHES; i++)
        assert_true(isnan(batch[i].paid) == (i % 2 == 0));
    assert_int_equal(mix_paying_find(&calls, 2, NULL).reason, MIX_TOO_FEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_paid_is_found),
        cmocka_unit_test(test_what_nothing_tells_of_is_counted),
        cmocka_unit_test(test_others_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
