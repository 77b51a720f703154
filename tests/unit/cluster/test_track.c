/* What a clock shows beside rank 0's, from samples; held against clocks whose difference is known.
 */
#include "cluster/track.h"

#include "core/clock.h"
#include "support.h"

static const int64_t second_ns = CLOCK_NS_PER_S, ms_ns = CLOCK_NS_PER_S / 1000;

static void test_a_round_trip_bounds_the_offset(void **state)
{
    static const struct {
        const char *name;
        int64_t t1, t2, t3, t4, at, offset, half;
    } cases[] = {
        {"both ways alike", 1000, 6000, 6000, 2000, 1500, 4500, 500},
        {"all of it on the way there", 1000, 6000, 6000, 1000, 1000, 5000, 0},
        {"rank 0 took its time", 1000, 6000, 7000, 4000, 2500, 4000, 1000},
        {"rank 0 is behind", 9000000, 1000, 3000, 9004000, 9002000, -9000000, 1000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct track_sample sample =
            track_sample_of(cases[i].t1, cases[i].t2, cases[i].t3, cases[i].t4);

        expect_true(cases[i].name, sample.at_ns == cases[i].at);
        expect_true(cases[i].name, sample.offset_ns == cases[i].offset);
        expect_true(cases[i].name, sample.uncertainty_ns >= cases[i].half &&
                                       sample.uncertainty_ns <= cases[i].half + 2);
    }
}

static void test_rank_0_needs_no_sample(void **state)
{
    struct track track = {0};
    int64_t uncertainty_ns = 7;

    (void)state;
    assert_int_equal(track_root_ns(&track, 12345, &uncertainty_ns), 12345);
    assert_int_equal(uncertainty_ns, 0);
    assert_int_equal(track_own_ns(&track, 12345, NULL), 12345);
}

static void test_one_sample_grows_uncertain_with_time(void **state)
{
    struct track track = {0};
    int64_t at_once, later, before;

    (void)state;
    track_add(&track, (struct track_sample){10 * second_ns, -3 * second_ns, 1000});
    assert_int_equal(track_root_ns(&track, 10 * second_ns, &at_once), 7 * second_ns);
    assert_int_equal(track_root_ns(&track, 11 * second_ns, &later), 8 * second_ns);
    track_root_ns(&track, 9 * second_ns, &before);
    assert_int_equal(at_once, 1000);
    assert_int_equal(later, 1000 + second_ns * TRACK_DRIFT_MOST / 1000000);
    assert_int_equal(before, later);
    track_clear(&track);
}

/* Rank 0's clock runs 100 ppm faster: exact samples, so that all that is off is the arithmetic. */
static int64_t true_root_ns(int64_t own_ns)
{
    return own_ns - 40 * second_ns + own_ns / 10000;
}

static struct track_sample exact(int64_t at_ns, int64_t uncertainty_ns)
{
    return (struct track_sample){at_ns, true_root_ns(at_ns) - at_ns, uncertainty_ns};
}

static void test_drift_is_interpolated(void **state)
{
    static const struct {
        const char *name;
        int64_t at_s, uncertainty_ns;
    } cases[] = {
        {"the first", 100, 4000},
        {"a quarter of the way", 150, 4000 * 3 / 4 + 2000 / 4},
        {"the second", 300, 2000},
        {"between the others", 310, 2000 * 9 / 10 + 1000 / 10},
        {"the last", 400, 1000},
        {"as far behind it as the first", 700, 4000 + 2000},
        {"before the first", 70, 4400 + 100},
    };
    struct track track = {0};

    (void)state;
    track_add(&track, exact(100 * second_ns, 4000));
    track_add(&track, exact(300 * second_ns, 2000));
    track_add(&track, exact(400 * second_ns, 1000));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t own_ns = cases[i].at_s * second_ns, uncertain, back;
        int64_t root_ns = track_root_ns(&track, own_ns, &uncertain);

        expect_true(cases[i].name, llabs(root_ns - true_root_ns(own_ns)) <= 1);
        expect_true(cases[i].name, llabs(uncertain - cases[i].uncertainty_ns) <= 1);
        back = track_own_ns(&track, root_ns, &uncertain);
        expect_true(cases[i].name, llabs(back - own_ns) <= 1);
        expect_true(cases[i].name, llabs(uncertain - cases[i].uncertainty_ns) <= 1);
    }
    track_clear(&track);
}

static void test_of_two_samples_at_once_the_more_certain_stays(void **state)
{
    struct track track = {0};
    int64_t uncertain;

    (void)state;
    track_add(&track, (struct track_sample){second_ns, 5 * ms_ns, 300});
    track_add(&track, (struct track_sample){second_ns, 6 * ms_ns, 400});
    assert_int_equal(track_root_ns(&track, second_ns, &uncertain), second_ns + 5 * ms_ns);
    track_add(&track, (struct track_sample){second_ns, 7 * ms_ns, 200});
    assert_int_equal(track_root_ns(&track, second_ns, &uncertain), second_ns + 7 * ms_ns);
    assert_int_equal(uncertain, 200);
    assert_int_equal(track.count, 1);
    track_clear(&track);
}

/* A ping that took long tells less than two clocks can have run apart since the last. */
static void test_only_what_tells_more_is_added(void **state)
{
    struct track track = {0};
    int64_t uncertain;

    (void)state;
    track_improve(&track, (struct track_sample){0, 5 * ms_ns, 10000});
    assert_int_equal(track.count, 1);
    track_improve(&track, (struct track_sample){second_ns / 10, 9 * ms_ns, ms_ns});
    assert_int_equal(track.count, 1);
    track_improve(&track, (struct track_sample){second_ns, 5 * ms_ns, 20000});
    assert_int_equal(track.count, 2);
    assert_int_equal(track_root_ns(&track, second_ns, &uncertain), second_ns + 5 * ms_ns);
    assert_int_equal(uncertain, 20000);
    track_clear(&track);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_tells_more_is_added),
        cmocka_unit_test(test_a_round_trip_bounds_the_offset),
        cmocka_unit_test(test_rank_0_needs_no_sample),
        cmocka_unit_test(test_one_sample_grows_uncertain_with_time),
        cmocka_unit_test(test_drift_is_interpolated),
        cmocka_unit_test(test_of_two_samples_at_once_the_more_certain_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
