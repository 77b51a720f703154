/* Ranks part a row's requests and places among them, and leave none out. */
#include "traffic/portion.h"

#include "support.h"

enum { MOST = 40 };

static void test_who_takes_part(void **state)
{
    static const struct {
        const char *name;
        struct row row;
        size_t ranks, taking_part;
    } cases[] = {
        {"closed loop, enough places", {.concurrent_requests = 8}, 4, 4},
        {"as many places as ranks", {.concurrent_requests = 4}, 4, 4},
        {"fewer places than ranks", {.concurrent_requests = 3}, 4, 3},
        {"one place", {.concurrent_requests = 1}, 4, 1},
        {"open loop", {.qps = 1}, 4, 4},
        {"open loop with a ceiling", {.qps = 1, .max_in_flight = 2}, 4, 2},
        {"a high ceiling", {.qps = 1, .max_in_flight = 200}, 4, 4},
        {"alone", {.concurrent_requests = 8}, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t rank = 0; rank < cases[i].ranks; rank++) {
            struct portion portion = portion_of_row(&cases[i].row, rank, cases[i].ranks);
            bool takes_part = rank < cases[i].taking_part;

            expect_true(cases[i].name, portion.rank == rank);
            expect_true(cases[i].name, portion.ranks == cases[i].taking_part);
            expect_true(cases[i].name, (portion_next(&portion, 0) != SIZE_MAX) == takes_part);
            expect_true(cases[i].name, (portion_count(&portion, 1000) > 0) == takes_part);
        }
    }
}

/* Each index once, places too, and the ways to tell agree. */
static void check_parts(size_t ranks)
{
    size_t owners[MOST] = {0}, counted = 0;

    for (size_t rank = 0; rank < ranks + 2; rank++) {
        const struct portion portion = {rank, ranks};
        size_t next = portion_next(&portion, 0), own = 0;

        for (size_t k = 0; k < MOST; k++) {
            if (!portion_has(&portion, k))
                continue;
            owners[k]++;
            assert_int_equal(next, k);
            assert_int_equal(portion_index(&portion, own++), k);
            next = portion_next(&portion, k + 1);
            assert_int_equal(k % ranks, rank);
        }
        assert_int_equal(portion_count(&portion, MOST), own);
        assert_true(own == 0 || own == MOST / ranks || own == MOST / ranks + 1);
        counted += own;
    }
    assert_int_equal(counted, MOST);
    for (size_t k = 0; k < MOST; k++)
        assert_int_equal(owners[k], 1);
}

static void test_each_index_belongs_to_one_rank(void **state)
{
    (void)state;
    for (size_t ranks = 1; ranks <= 9; ranks++)
        check_parts(ranks);
}

static void test_zeroed_is_all(void **state)
{
    const struct portion whole = {0};

    (void)state;
    for (size_t k = 0; k < MOST; k++) {
        assert_true(portion_has(&whole, k));
        assert_int_equal(portion_next(&whole, k), k);
        assert_int_equal(portion_index(&whole, k), k);
        assert_int_equal(portion_count(&whole, k), k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_takes_part),
        cmocka_unit_test(test_each_index_belongs_to_one_rank),
        cmocka_unit_test(test_zeroed_is_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
