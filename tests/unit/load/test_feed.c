/* What several ranks send of a row is together what one alone sends: the same requests, each at its
 * moment and in its phase. */
#include "load/feed.h"

#include "support.h"

enum { MOST = 400, RANKS = 7, SEED = 5, STEP = 3 };

struct sent {
    bool is;
    double at_s;
    enum request_phase phase;
};

struct whole {
    struct sent sent[MOST];
    size_t count, most_of_a_rank;
};

/* A rank's requests, at most so many of an endless row: those with an index below MOST. */
static void feed_rank(struct load *load, struct whole *whole)
{
    struct composed composed = {0};
    struct phases phases;
    struct feed feed;
    size_t before = whole->count, last = 0;

    phases_init(&phases, load->row, &load->portion);
    feed_init(&feed, load, &phases);
    while (feed_next(&feed, &composed) && composed.index < MOST) {
        assert_true(composed.index >= last); /* they come in order */
        last = composed.index;
        assert_false(whole->sent[composed.index].is); /* by no other rank */
        whole->sent[composed.index] = (struct sent){true, composed.at_s, composed.phase};
        whole->count++;
    }
    if (whole->count - before > whole->most_of_a_rank)
        whole->most_of_a_rank = whole->count - before;
}

static struct whole feed_all(const struct row *row, size_t ranks, struct places *places,
                             size_t member)
{
    struct whole whole = {0};

    for (size_t rank = 0; rank < ranks; rank++) {
        struct load load = {.row = row,
                            .seed = SEED,
                            .step = STEP,
                            .portion = portion_of_row(row, rank, ranks),
                            .places = places,
                            .member = member};

        feed_rank(&load, &whole);
    }
    return whole;
}

static void expect_same(const char *name, const struct whole *a, const struct whole *b)
{
    expect_true(name, a->count == b->count);
    for (size_t k = 0; k < MOST; k++) {
        expect_true(name, a->sent[k].is == b->sent[k].is);
        expect_true(name, a->sent[k].phase == b->sent[k].phase);
        expect_number(name, a->sent[k].at_s, b->sent[k].at_s);
    }
}

static void test_the_requests_are_the_same_for_any_number_of_ranks(void **state)
{
    static const struct {
        const char *name;
        struct row row;
        size_t requests;
    } cases[] = {
        {"closed loop", {.num_requests = 50, .concurrent_requests = 8}, 50},
        {"fewer places than ranks", {.num_requests = 50, .concurrent_requests = 3}, 50},
        {"fewer requests than ranks", {.num_requests = 3, .concurrent_requests = 8}, 3},
        {"with phases",
         {.num_requests = 40,
          .concurrent_requests = 8,
          .warmup_requests = 5,
          .cooldown_requests = 9},
         54},
        {"closed loop for a time", {.duration_s = 5, .concurrent_requests = 8}, MOST},
        {"open loop", {.num_requests = 90, .qps = 7, .qps_distribution = ROW_EXPONENTIAL}, 90},
        {"open loop for a time, with phases",
         {.duration_s = 10, .qps = 7, .warmup_requests = 6, .cooldown_requests = 4},
         80},
        {"a ramp",
         {.duration_s = 10,
          .qps = 2,
          .qps_end = 12,
          .qps_distribution = ROW_GAMMA,
          .burstiness = 2},
         0},
        {"a ceiling", {.num_requests = 60, .qps = 9, .max_in_flight = 3}, 60},
        {"sessions", {.num_requests = 30, .concurrent_requests = 4, .turns = 5}, 30},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct whole alone = feed_all(&cases[i].row, 1, NULL, 0);

        expect_true(cases[i].name, cases[i].requests == 0 || alone.count == cases[i].requests);
        expect_true(cases[i].name, alone.count > 0);
        for (size_t ranks = 2; ranks <= RANKS; ranks++) {
            struct whole together = feed_all(&cases[i].row, ranks, NULL, 0);

            expect_same(cases[i].name, &together, &alone);
            expect_true(cases[i].name, alone.count < 2 || together.most_of_a_rank < alone.count);
        }
    }
}

/* Of places in common, a member's request belongs where the visit's does that it is. */
static void test_members_keep_to_the_visits_requests(void **state)
{
    static const double share[] = {3, 1, 2};
    const struct row row = {.num_requests = 60, .concurrent_requests = 5, .share = 1};

    (void)state;
    for (size_t ranks = 1; ranks <= RANKS; ranks++) {
        for (size_t member = 0; member < COUNT_OF(share); member++) {
            size_t taking_part = ranks < 5 ? ranks : 5, k = 0;
            struct places places;
            struct whole together, alone = feed_all(&row, 1, NULL, 0);

            places_init(&places, 5, &(struct portion){0}, share, COUNT_OF(share), 0, SEED, STEP);
            together = feed_all(&row, ranks, &places, member);
            expect_same("a mix", &together, &alone);
            for (size_t own = 0; own < 60; own++, k++) {
                struct load load = {
                    .row = &row, .seed = SEED, .step = STEP, .places = &places, .member = member};
                struct composed composed = {.index = SIZE_MAX};
                struct phases phases;
                struct feed feed;

                while (member_draw_at(&places.draw, k) != member)
                    k++;
                load.portion = (struct portion){k % taking_part, taking_part};
                phases_init(&phases, &row, &load.portion);
                feed_init(&feed, &load, &phases);
                while (feed_next(&feed, &composed) && composed.index < own)
                    ;
                assert_int_equal(composed.index, own);
            }
            places_clear(&places);
        }
    }
}

/* A rank beside those that take part has nothing to send. */
static void test_who_takes_no_part_sends_nothing(void **state)
{
    const struct row row = {.num_requests = 50, .concurrent_requests = 2};
    struct load load = {.row = &row, .portion = portion_of_row(&row, 2, 4)};
    struct whole whole = {0};

    (void)state;
    feed_rank(&load, &whole);
    assert_int_equal(whole.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_requests_are_the_same_for_any_number_of_ranks),
        cmocka_unit_test(test_members_keep_to_the_visits_requests),
        cmocka_unit_test(test_who_takes_no_part_sends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
