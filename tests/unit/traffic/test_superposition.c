/* Members' streams as one. */
#include "traffic/superposition.h"

#include "support.h"
#include "traffic/arrivals.h"

struct list {
    double at_s[4];
    size_t count, next;
};

static bool next(void *context, double *at_s)
{
    struct list *list = context;

    if (list->next == list->count)
        return false;
    *at_s = list->at_s[list->next++];
    return true;
}

static void test_requests_come_by_moment_then_by_row(void **state)
{
    struct list lists[] = {
        {{0, 2, 2, 5}, 4, 0}, {{0}, 0, 0}, {{0, 2, 4}, 3, 0}, {{1, 2}, 2, 0}, {{0, 5}, 2, 0}};
    static const struct superposed wanted[] = {{0, 0}, {0, 2}, {0, 4}, {1, 3}, {2, 0}, {2, 0},
                                               {2, 2}, {2, 3}, {4, 2}, {5, 0}, {5, 4}};
    struct superposition_member members[COUNT_OF(lists)];
    struct superposition superposition;
    struct superposed got[20];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        members[i] = (struct superposition_member){&lists[i], next};
    superposition_init(&superposition, members, COUNT_OF(lists));
    assert_int_equal(superposition_fill(&superposition, got, 20), COUNT_OF(wanted));
    assert_int_equal(superposition_fill(&superposition, got + 15, 1), 0);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_true(got[i].at_s == wanted[i].at_s);
        assert_int_equal(got[i].member, wanted[i].member);
    }
    superposition_clear(&superposition);
}

/* Twelve rows of different rates: all that each sends alone, in order, whatever the blocks. */
static void test_each_member_keeps_its_own_moments(void **state)
{
    enum { MEMBERS = 12, REQUESTS = 20000 };
    struct arrivals merged[MEMBERS], alone[MEMBERS];
    struct superposition_member members[MEMBERS];
    struct superposition superposition;
    struct superposed got[97];
    double before = 0;

    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        struct row row = {.qps = 1 + (double)i, .qps_distribution = ROW_EXPONENTIAL};

        arrivals_init(&merged[i], &row, 6, i);
        alone[i] = merged[i];
        members[i] = superposition_of(&merged[i]);
    }
    superposition_init(&superposition, members, MEMBERS);
    for (size_t done = 0, block = 1; done < REQUESTS; done += block, block = block % 97 + 1) {
        assert_int_equal(superposition_fill(&superposition, got, block), block);
        for (size_t k = 0; k < block; k++) {
            assert_true(got[k].at_s == alone[got[k].member].at_s);
            assert_true(got[k].at_s >= before);
            before = got[k].at_s;
            arrivals_advance(&alone[got[k].member]);
        }
    }
    for (size_t i = 0; i < MEMBERS; i++) /* 20,000 of 78 a second: about 256 s of each */
        assert_true(fabs((double)alone[i].next - 256.4 * (1 + (double)i)) <
                    5 * sqrt(256.4 * (1 + (double)i)) + 20);
    superposition_clear(&superposition);
}

static void test_none_is_none(void **state)
{
    struct superposition superposition;
    struct superposed got;

    (void)state;
    superposition_init(&superposition, NULL, 0);
    assert_int_equal(superposition_fill(&superposition, &got, 1), 0);
    superposition_clear(&superposition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_come_by_moment_then_by_row),
        cmocka_unit_test(test_each_member_keeps_its_own_moments),
        cmocka_unit_test(test_none_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
