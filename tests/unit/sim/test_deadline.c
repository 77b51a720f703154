/* The heap of deadlines against a plain search, through many random changes. */
#include "sim/deadline.h"

#include "core/random.h"
#include "support.h"

enum { MANY = 200, CHANGES = 20000 };

static int64_t earliest(const struct deadline *all)
{
    int64_t due_ns = INT64_MAX;

    for (size_t i = 0; i < MANY; i++) {
        if (all[i].place && all[i].due_ns < due_ns)
            due_ns = all[i].due_ns;
    }
    return due_ns;
}

static void test_the_first_is_the_earliest(void **state)
{
    struct deadline all[MANY] = {0};
    struct deadlines deadlines = {0};
    struct random random;

    (void)state;
    random_init(&random, (const uint64_t[]){1}, 1);
    for (int i = 0; i < CHANGES; i++) {
        struct deadline *one = &all[random_below(&random, MANY)];

        if (random_below(&random, 3) > 0)
            deadlines_put(&deadlines, one, (int64_t)random_below(&random, 1000));
        else
            deadlines_remove(&deadlines, one);
        if (deadlines_first(&deadlines))
            assert_int_equal(deadlines_first(&deadlines)->due_ns, earliest(all));
        else
            assert_int_equal(earliest(all), INT64_MAX);
    }
    for (int64_t last = 0; deadlines_first(&deadlines);) {
        struct deadline *first = deadlines_first(&deadlines);

        assert_true(first->due_ns >= last);
        last = first->due_ns;
        deadlines_remove(&deadlines, first);
    }
    assert_int_equal(earliest(all), INT64_MAX);
    deadlines_clear(&deadlines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_first_is_the_earliest)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
