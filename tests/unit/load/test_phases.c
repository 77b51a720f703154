/* Which of a row's requests warm up, count and cool down. */
#include "load/phases.h"

#include "core/clock.h"
#include "support.h"

static const int64_t second_ns = CLOCK_NS_PER_S;
static const struct portion whole;

/* One letter for each request that is placed: w, c for one that counts, d for cool-down. */
static void place_all(const struct row *row, double gap_s, size_t most, char *letters)
{
    struct phases phases;
    enum request_phase phase;
    size_t index = 0;

    phases_init(&phases, row, &whole);
    while (index < most && phases_place(&phases, index, (double)index * gap_s, &phase))
        letters[index++] = "cwd"[phase];
    letters[index] = '\0';
}

static void test_requests_are_placed_by_number_or_by_schedule(void **state)
{
    enum { MOST = 12 };
    static const struct {
        const char *name;
        struct row row;
        double gap_s;
        const char *letters;
    } cases[] = {
        {"plain", {.num_requests = 3, .concurrent_requests = 2}, 0, "ccc"},
        {"both ends",
         {.num_requests = 3,
          .concurrent_requests = 2,
          .warmup_requests = 2,
          .cooldown_requests = 1},
         0,
         "wwcccd"},
        {"closed loop goes on until its time is up",
         {.duration_s = 1, .concurrent_requests = 2, .warmup_requests = 1},
         0,
         "wccccccccccc"},
        {"a ceiling in closed loop",
         {.num_requests = 2, .duration_s = 1, .concurrent_requests = 2, .cooldown_requests = 3},
         0,
         "ccddd"},
        {"open loop by its schedule", {.duration_s = 1, .qps = 4}, 0.25, "cccc"},
        {"a moment later", {.duration_s = 1.001, .qps = 4}, 0.25, "ccccc"},
        {"open loop, both ends: the time begins with those that count",
         {.duration_s = 1, .qps = 4, .warmup_requests = 3, .cooldown_requests = 2},
         0.25,
         "wwwccccdd"},
        {"a ceiling in open loop",
         {.num_requests = 2, .duration_s = 1, .qps = 4, .cooldown_requests = 1},
         0.25,
         "ccd"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char letters[MOST + 1];

        place_all(&cases[i].row, cases[i].gap_s, MOST, letters);
        expect_text(cases[i].name, letters, cases[i].letters);
    }
}

/* What leaves when: from the moment of the first that counts. */
static void test_in_closed_loop_the_moment_of_leaving_tells(void **state)
{
    enum { MOST = 6 };
    static const struct {
        const char *name;
        struct row row;
        struct {
            enum request_phase phase;
            double at_s;
        } leaves[MOST];
        const char *letters; /* - is not to leave */
    } cases[] = {
        {"no time",
         {.num_requests = 9, .concurrent_requests = 2},
         {{0, 0}, {0, 1e6}, {0, 2e6}, {0, 3e6}, {REQUEST_COOLDOWN, 4e6}, {REQUEST_COOLDOWN, 5e6}},
         "ccccdd"},
        {"no cool-down",
         {.duration_s = 2, .concurrent_requests = 2},
         {{0, 10}, {0, 11}, {0, 11.999}, {0, 12}, {0, 11}, {0, 13}},
         "ccc-c-"},
        {"a warm-up takes none of it",
         {.duration_s = 2, .concurrent_requests = 2},
         {{REQUEST_WARMUP, 1}, {REQUEST_WARMUP, 9}, {0, 10}, {0, 11.5}, {0, 12}, {0, 12}},
         "wwcc--"},
        {"what comes later cools down",
         {.duration_s = 2, .concurrent_requests = 2, .cooldown_requests = 2},
         {{0, 10}, {0, 11}, {0, 12}, {0, 12}, {0, 12}, {0, 13}},
         "ccdd--"},
        {"the ceiling's cool-down is the same",
         {.num_requests = 1, .duration_s = 9, .concurrent_requests = 2, .cooldown_requests = 2},
         {{0, 10}, {REQUEST_COOLDOWN, 10}, {REQUEST_COOLDOWN, 11}, {0, 20}, {0, 20}, {0, 20}},
         "cdd---"},
        {"an open loop leaves as it was placed",
         {.duration_s = 2, .qps = 2},
         {{0, 10}, {0, 19}, {REQUEST_COOLDOWN, 20}, {0, 21}, {0, 22}, {0, 23}},
         "ccdccc"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char letters[MOST + 1] = "";
        struct phases phases;

        phases_init(&phases, &cases[i].row, &whole);
        for (size_t k = 0; k < MOST; k++) {
            enum request_phase phase = cases[i].leaves[k].phase;
            bool leaves =
                phases_admit(&phases, &phase, clock_from_seconds(cases[i].leaves[k].at_s));

            letters[k] = leaves ? "cwd"[phase] : '-';
        }
        expect_text(cases[i].name, letters, cases[i].letters);
        expect_true(cases[i].name,
                    atomic_load(&phases.over) == (strchr(cases[i].letters, '-') != NULL));
    }
}

static void test_nothing_is_sent_again_behind_the_time_but_what_cools_down(void **state)
{
    const struct row row = {.duration_s = 2, .concurrent_requests = 1, .cooldown_requests = 1};
    enum request_phase counted = REQUEST_COUNTED;
    struct phases phases;

    (void)state;
    phases_init(&phases, &row, &whole);
    assert_true(phases_allow(&phases, REQUEST_WARMUP, 99 * second_ns));
    expect_number("not begun", phases_counted_s(&phases, 99 * second_ns), NAN);
    assert_true(phases_admit(&phases, &counted, 100 * second_ns));
    assert_true(phases_allow(&phases, REQUEST_COUNTED, 102 * second_ns - 1));
    assert_false(phases_allow(&phases, REQUEST_COUNTED, 102 * second_ns));
    assert_false(phases_allow(&phases, REQUEST_WARMUP, 102 * second_ns));
    assert_true(phases_allow(&phases, REQUEST_COOLDOWN, 102 * second_ns));
    expect_number("begun", phases_counted_s(&phases, 101 * second_ns), 1);
}

/* Where no request stands ready that would find the time to be up. */
static void test_the_time_ends_by_itself(void **state)
{
    const struct row row = {.duration_s = 2, .concurrent_requests = 1, .cooldown_requests = 1};
    enum request_phase counted = REQUEST_COUNTED, late = REQUEST_COUNTED;
    struct phases phases;

    (void)state;
    phases_init(&phases, &row, &whole);
    phases_keep_time(&phases, 99 * second_ns);
    assert_true(phases_admit(&phases, &counted, 100 * second_ns));
    phases_keep_time(&phases, 103 * second_ns);
    assert_false(atomic_load(&phases.over)); /* one is to cool down yet */
    assert_true(phases_admit(&phases, &late, 103 * second_ns));
    phases_keep_time(&phases, 103 * second_ns);
    assert_true(atomic_load(&phases.over));
}

/* In closed loop each rank cools down with its part. */
static void test_ranks_part_the_cool_down(void **state)
{
    const struct row row = {.duration_s = 1, .concurrent_requests = 8, .cooldown_requests = 7};
    size_t left = 0;

    (void)state;
    for (size_t rank = 0; rank < 3; rank++) {
        const struct portion portion = {rank, 3};
        enum request_phase phase = REQUEST_COUNTED;
        struct phases phases;

        phases_init(&phases, &row, &portion);
        assert_true(phases_admit(&phases, &phase, 0));
        while (phase = REQUEST_COUNTED, phases_admit(&phases, &phase, 2 * second_ns))
            left++;
        assert_true(atomic_load(&phases.over));
    }
    assert_int_equal(left, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks_part_the_cool_down),
        cmocka_unit_test(test_requests_are_placed_by_number_or_by_schedule),
        cmocka_unit_test(test_in_closed_loop_the_moment_of_leaving_tells),
        cmocka_unit_test(test_nothing_is_sent_again_behind_the_time_but_what_cools_down),
        cmocka_unit_test(test_the_time_ends_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
