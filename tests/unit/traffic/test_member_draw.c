/* Which member sends next. */
#include "traffic/member_draw.h"

#include "support.h"

enum { DRAWS = 100000 };

/* Bounds: five standard errors of a share. */
static void test_members_are_drawn_by_share(void **state)
{
    static const struct {
        const char *name;
        double share[4], wanted[4];
        size_t members;
    } cases[] = {
        {"one", {0.3}, {1}, 1},
        {"normalised", {2, 1, 1}, {0.5, 0.25, 0.25}, 3},
        {"one that has none", {0, 3, 0, 1}, {0, 0.75, 0, 0.25}, 4},
        {"rare", {999, 1}, {0.999, 0.001}, 2},
        {"none at the end", {1, 1, 0}, {0.5, 0.5, 0}, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct member_draw draw;
        size_t drawn[4] = {0};

        member_draw_init(&draw, cases[i].share, cases[i].members, 4, 2);
        for (size_t k = 0; k < DRAWS; k++) {
            size_t member = member_draw_at(&draw, k);

            expect_true(cases[i].name, member < cases[i].members);
            drawn[member]++;
        }
        for (size_t m = 0; m < cases[i].members; m++) {
            double p = cases[i].wanted[m];

            expect_true(cases[i].name,
                        fabs((double)drawn[m] / DRAWS - p) <= 5 * sqrt(p * (1 - p) / DRAWS));
        }
        member_draw_clear(&draw);
    }
}

static void test_a_draw_follows_from_seed_step_and_index(void **state)
{
    const double share[] = {1, 1, 1, 1};
    struct member_draw draw, seed, step;
    size_t forwards[100], same_seed = 0, same_step = 0;

    (void)state;
    member_draw_init(&draw, share, 4, 1, 1);
    member_draw_init(&seed, share, 4, 2, 1);
    member_draw_init(&step, share, 4, 1, 2);
    for (size_t k = 0; k < 100; k++)
        forwards[k] = member_draw_at(&draw, k);
    for (size_t k = 100; k-- > 0;) {
        assert_int_equal(member_draw_at(&draw, k), forwards[k]);
        same_seed += member_draw_at(&seed, k) == forwards[k];
        same_step += member_draw_at(&step, k) == forwards[k];
    }
    assert_true(same_seed < 50 && same_step < 50);
    member_draw_clear(&draw);
    member_draw_clear(&seed);
    member_draw_clear(&step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_are_drawn_by_share),
        cmocka_unit_test(test_a_draw_follows_from_seed_step_and_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
