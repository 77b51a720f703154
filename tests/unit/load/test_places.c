/* Places that loads have in common: who gets the next, and what becomes of those of a load that has
 * ended. */
#include "load/places.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "support.h"

static const double share[] = {3, 1, 2};
static const struct portion whole;
enum { MEMBERS = 3, PLACES = 4, REQUESTS = 50, SEED = 9, STEP = 2 };

static void begin(struct places *places)
{
    places_init(places, PLACES, &whole, share, MEMBERS, REQUESTS, SEED, STEP);
}

/* Takes one of any member; that member, or MEMBERS where there is none. */
static size_t take(struct places *places, int64_t *freed_ns)
{
    size_t member = 0;

    while (member < MEMBERS && !places_take(places, member, freed_ns))
        member++;
    return member;
}

static void test_each_place_goes_to_the_member_drawn_for_its_request(void **state)
{
    size_t wanted[MEMBERS], got[MEMBERS] = {0}, member;
    struct member_draw draw;
    struct places places;
    int64_t freed_ns;

    (void)state;
    begin(&places);
    member_draw_init(&draw, share, MEMBERS, SEED, STEP);
    places_count(&places, REQUESTS, wanted);
    assert_int_equal(take(&places, &freed_ns), MEMBERS); /* it is not open */
    places_open(&places, 5);
    places_open(&places, 6); /* another loop's call */
    for (size_t i = 0; i < MEMBERS; i++) {
        size_t count = 0;

        for (size_t k = 0; k < PLACES; k++)
            count += member_draw_at(&draw, k) == i;
        assert_int_equal(places_at_start(&places, i), count);
    }
    for (size_t k = 0; (member = take(&places, &freed_ns)) < MEMBERS; k++) {
        assert_true(freed_ns == 5 || (freed_ns >= 100 && freed_ns < 100 + (int64_t)k));
        got[member]++;
        places_give(&places, 100 + (int64_t)k);
    }
    assert_memory_equal(wanted, got, sizeof got);
    assert_int_equal(wanted[0] + wanted[1] + wanted[2], REQUESTS);
    member_draw_clear(&draw);
    places_clear(&places);
}

/* In the end one member takes all that is left of its own, and none is lost. */
static void test_the_places_of_a_member_that_ended_are_the_others(void **state)
{
    size_t wanted[MEMBERS], got = 0;
    struct places places;
    int64_t freed_ns;

    (void)state;
    begin(&places);
    places_count(&places, REQUESTS, wanted);
    places_open(&places, 1);
    places_leave(&places, 0, 2);
    places_leave(&places, 2, 2);
    assert_false(places_take(&places, 0, &freed_ns));
    assert_int_equal(places.line[1].count, PLACES);
    while (places_take(&places, 1, &freed_ns)) {
        got++;
        places_give(&places, 3);
    }
    assert_int_equal(got, wanted[1]);
    places_leave(&places, 1, 4);
    places_give(&places, 5); /* nobody is there to take it */
    places_clear(&places);
}

static void test_a_member_is_woken_for_its_place_while_it_is_there(void **state)
{
    static const double one[] = {1};
    int wake = eventfd(0, EFD_NONBLOCK);
    struct places places;
    eventfd_t woken = 0;
    int64_t freed_ns;

    (void)state;
    places_init(&places, 1, &whole, one, 1, 0, SEED, STEP);
    places_join(&places, 0, &wake, 1);
    places_open(&places, 1);
    assert_int_equal(eventfd_read(wake, &woken), 0);
    assert_true(places_take(&places, 0, &freed_ns));
    places_leave(&places, 0, 2);
    places_give(&places, 3);
    assert_int_not_equal(eventfd_read(wake, &woken), 0);
    places_clear(&places);
    close(wake);
}

/* Each rank has its part of the places and of the visit's requests; members get together what they
 * would of one. */
static void test_ranks_part_places_and_requests(void **state)
{
    (void)state;
    for (size_t ranks = 1; ranks <= PLACES + 1; ranks++) {
        size_t wanted[MEMBERS], got[MEMBERS] = {0}, first = 0, member, taking_part = ranks;

        taking_part = taking_part < PLACES ? taking_part : PLACES;
        for (size_t rank = 0; rank < ranks; rank++) {
            const struct portion portion = {rank, taking_part};
            struct places places;
            int64_t freed_ns;

            places_init(&places, PLACES, &portion, share, MEMBERS, REQUESTS, SEED, STEP);
            places_count(&places, REQUESTS, wanted);
            for (size_t i = 0; i < MEMBERS; i++)
                first += places_at_start(&places, i);
            places_open(&places, 5);
            while ((member = take(&places, &freed_ns)) < MEMBERS) {
                got[member]++;
                places_give(&places, 6);
            }
            places_clear(&places);
        }
        assert_int_equal(first, PLACES);
        assert_memory_equal(wanted, got, sizeof got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks_part_places_and_requests),
        cmocka_unit_test(test_each_place_goes_to_the_member_drawn_for_its_request),
        cmocka_unit_test(test_the_places_of_a_member_that_ended_are_the_others),
        cmocka_unit_test(test_a_member_is_woken_for_its_place_while_it_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
