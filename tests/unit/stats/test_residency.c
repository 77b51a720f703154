/* How much stays in fast memory, found by which revisits of a followed node paid. */
#include "stats/residency.h"

#include "core/random.h"
#include "plan/order.h"
#include "support.h"
#include "visits.h"

enum { ROWS = 6, STEPS = 400 };

static char names[ROWS][2] = {"a", "b", "c", "d", "e", "f"};

/* A node that holds so many rows, by LRU or FIFO; the most recent last. */
struct node {
    size_t held[ROWS], count, capacity;
    bool lru;
};

/* Whether the visit pays. */
static bool node_visit(struct node *node, size_t row)
{
    size_t at = 0;

    while (at < node->count && node->held[at] != row)
        at++;
    if (at < node->count && !node->lru)
        return false;
    if (at == node->count && node->count < node->capacity) {
        node->held[node->count++] = row;
        return true;
    }
    /* moves up, or takes the place of the first */
    for (size_t i = at < node->count ? at : 0; i + 1 < node->count; i++)
        node->held[i] = node->held[i + 1];
    node->held[node->count - 1] = row;
    return at == node->count;
}

/* A study of the order on the node. */
static struct study studied(enum order_kind kind, uint64_t seed, int64_t passes, size_t capacity,
                            bool lru, struct step *steps)
{
    struct row row[ROWS] = {{0}};
    const struct rows rows = {.row = row, .count = ROWS};
    const struct order_asked asked = {kind, passes, false, seed};
    struct node node = {.capacity = capacity, .lru = lru};
    struct study study = {0};
    struct order order;
    struct error error;

    assert_true(order_make(&rows, &asked, &order, &error) && order.count <= STEPS);
    for (size_t i = 0; i < order.count; i++)
        steps[i] = step_to(names[order.visit[i].row], i,
                           node_visit(&node, order.visit[i].row) ? 0.5 : 0.2);
    study_add(&study, steps, order.count);
    study_conclude(&study);
    order_clear(&order);
    return study;
}

static void test_distances_are_counted_with_what_they_paid(void **state)
{
    struct step *steps = memory_new(STEPS, sizeof *steps);
    struct study study = studied(ORDER_RESIDENCY, 0, 1, 3, true, steps);

    (void)state;
    assert_int_equal(study.residency.units, ROWS);
    assert_false(study.residency.by_weight); /* nothing weighs anything there */
    assert_int_equal(study.residency.paid[0], 0);
    assert_int_equal(study.residency.paid[2], 0);
    assert_true(study.residency.visits[2] > 0);
    for (size_t d = 3; d < ROWS; d++)
        assert_int_equal(study.residency.paid[d], study.residency.visits[d]);
    study_clear(&study);
    free(steps);
}

/* Of 40 seeds each at least 95 %, by both orders that are made for it, where every row was once the
 * one that is come back to. */
static void test_the_capacity_of_a_followed_node_is_found(void **state)
{
    static const enum order_kind kinds[] = {ORDER_RESIDENCY, ORDER_ALL_PAIRS};
    struct step *steps = memory_new(STEPS, sizeof *steps);

    (void)state;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        for (int lru = 0; lru < 2; lru++) {
            for (size_t capacity = 1; capacity <= ROWS; capacity++) {
                size_t right = 0;

                for (uint64_t seed = 0; seed < 40; seed++) {
                    struct study study = studied(kinds[k], seed, ROWS, capacity, lru, steps);

                    right += study.residency.capacity == capacity &&
                             study.residency.capacity_low <= capacity &&
                             study.residency.capacity_high >= capacity;
                    study_clear(&study);
                }
                if (right < 38)
                    fail_msg("%s, %s, %zu rows: %zu of 40", order_names[kinds[k]],
                             lru ? "LRU" : "FIFO", capacity, right);
            }
        }
    }
    free(steps);
}

/* 10, 20 and 30 GB: all three do not fit, the two largest do. */
static void test_known_weights_tell_the_capacity_between_two_sums(void **state)
{
    static const struct {
        size_t row;
        bool pays;
    } visits[] = {{0, true}, {1, true},  {0, false}, {2, true}, {1, true}, {2, false},
                  {0, true}, {2, false}, {1, true},  {0, true}, {1, false}};
    struct step steps[COUNT_OF(visits)];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(visits); i++) {
        steps[i] = step_to(names[visits[i].row], i, visits[i].pays ? 0.5 : 0.2);
        steps[i].weight_gb = 10.0 * (double)(visits[i].row + 1);
    }
    study_add(&study, steps, COUNT_OF(visits));
    study_conclude(&study);
    expect_number("fits", study.residency.gb_low, 50);
    expect_number("does not", study.residency.gb_high, 60);
    assert_int_equal(study.residency.gb_wrong, 0);
    assert_true(study.residency.by_weight);
    study_clear(&study);
}

/* Rows that load the same configuration are one: of a, b (both X) and c, d (Y and Z) two fit, so b
 * after a never pays, and a after c, d does. */
static void test_rows_of_one_configuration_stay_together(void **state)
{
    static const char *const loads[] = {"X", "X", "Y", "Z"};
    static const struct {
        size_t row;
        bool pays;
    } visits[] = {{0, true}, {1, false}, {2, true},  {0, false}, {3, true}, {1, false}, {2, true},
                  {3, true}, {0, true},  {1, false}, {3, false}, {2, true}, {0, true}};
    struct step steps[COUNT_OF(visits)];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(visits); i++) {
        steps[i] = step_to(names[visits[i].row], i, visits[i].pays ? 0.5 : 0.2);
        steps[i].configuration = (char *)loads[visits[i].row];
    }
    study_add(&study, steps, COUNT_OF(visits));
    study_conclude(&study);
    assert_int_equal(study.rows, 4);
    assert_true(study.residency.by_configuration);
    assert_int_equal(study.residency.units, 3);
    assert_int_equal(study.residency.capacity, 2);
    assert_int_equal(study.residency.wrong, 0);
    assert_int_equal(study.residency.visits[0], 2); /* a, then b at once */
    study_clear(&study);
}

/* A run that was cut off is gone on with later: what stayed meanwhile, nobody knows. */
static void test_no_revisit_reaches_over_what_is_not_known(void **state)
{
    static const size_t rows[] = {0, 1, 0, 1, 0, 1};
    struct step steps[COUNT_OF(rows)];

    (void)state;
    for (size_t gap = 0; gap < COUNT_OF(rows); gap++) {
        struct study study = {0};

        for (size_t i = 0; i < COUNT_OF(rows); i++)
            steps[i] = step_to(names[rows[i]], i, i < 2 ? 0.5 : 0.2);
        steps[gap].predecessor = -1;
        study_add(&study, steps, COUNT_OF(rows));
        study_conclude(&study);
        /* Each part of the run has its own first visits. */
        assert_int_equal(study.residency.revisits, gap == 0 ? 4 : gap == 1 || gap == 5 ? 3 : 2);
        study_clear(&study);
    }
}

/* --- Visits that show little, or what no memory does -------------------------------------------
 */

/* Visits to six rows in a drawn order, a second apart. */
enum { DRAWN = 240 };

enum policy { BY_LRU, BY_FIFO, BY_CHANCE, BY_TIME };

struct drawn {
    enum policy policy;
    double switch_s, noise; /* noise: of a visit's value, as a share of 0.2 s */
    uint64_t seed;
};

/* Whether the visit pays; by time, what was not used for 3.5 s has left. */
static bool drawn_visit(struct node *node, const struct drawn *drawn, size_t row, size_t *last,
                        size_t now, struct random *random)
{
    size_t before = last[row];

    last[row] = now;
    if (drawn->policy == BY_CHANCE)
        return random_unit(random) < 0.5;
    if (drawn->policy == BY_TIME)
        return before == 0 || now - before > 3;
    return node_visit(node, row);
}

static struct study drawn_study(const struct drawn *drawn, struct step *steps)
{
    struct node node = {.capacity = 3, .lru = drawn->policy == BY_LRU};
    const uint64_t key[] = {0x7265, drawn->seed};
    struct study study = {0};
    struct random random;
    size_t last[ROWS] = {0};

    random_init(&random, key, 2);
    for (size_t i = 0; i < DRAWN; i++) {
        size_t row = (size_t)random_below(&random, ROWS);
        bool pays = drawn_visit(&node, drawn, row, last, i + 1, &random);
        double noise = exp(drawn->noise * random_normal(&random));

        steps[i] = step_to(names[row], i, 0.2 * noise + (pays ? drawn->switch_s : 0));
        steps[i].measurement.side[SWITCH_SERVER].log_squares = 3 * drawn->noise * drawn->noise;
        steps[i].measurement.begin_ns = (int64_t)(i + 1) * 1000000000;
        steps[i].measurement.end_ns = steps[i].measurement.begin_ns + 500000000;
    }
    study_add(&study, steps, DRAWN);
    study_conclude(&study);
    return study;
}

/* In how many of 20 seeds a rule is told; and the capacity, where it is 3. */
static size_t told(struct drawn drawn, enum study_rule rule)
{
    struct step *steps = memory_new(DRAWN, sizeof *steps);
    bool memory = rule == RESIDENCY_LRU || rule == RESIDENCY_FIFO;
    size_t count = 0;

    for (drawn.seed = 0; drawn.seed < 20; drawn.seed++) {
        struct study study = drawn_study(&drawn, steps);

        count += study.residency.rule == rule && (!memory || study.residency.capacity == 3);
        study_clear(&study);
    }
    free(steps);
    return count;
}

static void test_what_no_visit_shows_alone_their_sum_does(void **state)
{
    static const double noise = 0.05, switch_s = 2 * 0.05 * 0.2;

    (void)state;
    assert_in_range(told((struct drawn){BY_LRU, switch_s, noise, 0}, RESIDENCY_LRU), 18, 20);
    assert_in_range(told((struct drawn){BY_FIFO, switch_s, noise, 0}, RESIDENCY_FIFO), 18, 20);
}

static void test_what_no_rule_tells_is_called_so(void **state)
{
    (void)state;
    assert_in_range(told((struct drawn){BY_CHANCE, 0.3, 0.01, 0}, RESIDENCY_NONE_FITS), 20, 20);
    assert_in_range(told((struct drawn){BY_CHANCE, 0.05, 0.05, 0}, RESIDENCY_NONE_FITS), 20, 20);
}

static void test_what_leaves_after_a_time_is_reported_with_it(void **state)
{
    struct step *steps = memory_new(DRAWN, sizeof *steps);
    struct drawn drawn = {BY_TIME, 0.3, 0.01, 1};
    struct study study = drawn_study(&drawn, steps);

    (void)state;
    assert_int_equal(study.residency.rule, RESIDENCY_IDLE_EXPIRY);
    expect_number("low", study.residency.expiry_low_s, 2.5);
    expect_number("time", study.residency.expiry_s, 3);
    expect_number("high", study.residency.expiry_high_s, 3.5);
    expect_true("sure", study.residency.probability > 0.99);
    assert_int_equal(study.residency.capacity, 0);
    study_clear(&study);
    free(steps);
}

/* All stay, or nothing can be seen of switches: that is not known. */
static void test_where_nothing_can_be_seen_nothing_is_reported(void **state)
{
    static const struct drawn drawn[] = {{BY_LRU, 0, 0.05, 1}, {BY_CHANCE, 0.0005, 0.05, 2}};
    struct step *steps = memory_new(DRAWN, sizeof *steps);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(drawn); i++) {
        struct study study = drawn_study(&drawn[i], steps);

        assert_int_equal(study.residency.rule, RESIDENCY_NOT_KNOWN);
        assert_int_equal(study.residency.capacity, 0);
        expect_number("no probability", study.residency.probability, NAN);
        study_clear(&study);
    }
    free(steps);
}

/* One slow request is no switch, so nothing is known of what others would cost. */
static void test_a_stall_shows_no_memory(void **state)
{
    struct step steps[60];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        steps[i] = step_to(names[(i + i / ROWS) % ROWS], i, i == 31 ? 0.5 : 0.2);
    study_add(&study, steps, COUNT_OF(steps));
    study_conclude(&study);
    assert_int_equal(study.residency.rule, RESIDENCY_NOT_KNOWN);
    study_clear(&study);
}

/* All stay, and one visit in four is slow by three of its errors: that is no other rule. */
static void test_slow_visits_are_no_misfit(void **state)
{
    struct step *steps = memory_new(DRAWN, sizeof *steps);
    const uint64_t key[] = {0x736c6f77};
    struct study study = {0};
    struct random random;

    (void)state;
    random_init(&random, key, 1);
    for (size_t i = 0; i < DRAWN; i++) {
        double slow_s = random_unit(&random) < 0.25 ? 0.067 : 0;

        steps[i] = step_to(names[(i + i / ROWS) % ROWS], i, i < ROWS ? 0.5 : 0.2 + slow_s);
        steps[i].measurement.side[SWITCH_SERVER].log_squares = 3 * 0.01;
    }
    study_add(&study, steps, DRAWN);
    study_conclude(&study);
    expect_true("fits", study.residency.rule != RESIDENCY_NONE_FITS);
    study_clear(&study);
    free(steps);
}

/* One revisit of 16 that the rule denies: no more than 15 in 16 is claimed. */
static void test_nothing_is_sure_beside_an_unexplained_revisit(void **state)
{
    struct step steps[18];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        steps[i] = step_to(names[i / 2 % 2], i, i % 2 == 0 || i == 7 ? 0.5 : 0.2);
    study_add(&study, steps, COUNT_OF(steps));
    study_conclude(&study);
    assert_int_equal(study.residency.rule, RESIDENCY_LRU);
    assert_int_equal(study.residency.capacity, 1);
    assert_int_equal(study.residency.wrong, 1);
    expect_number("probability", study.residency.probability, 15.0 / 16);
    study_clear(&study);
}

/* Of a, which pays after b, and b, which nobody saw pay: its visits contradict nothing. */
static void test_what_was_never_seen_to_pay_contradicts_nothing(void **state)
{
    struct step steps[24];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        steps[i] = step_to(names[i / 2 % 2], i, i % 4 == 0 ? 0.5 : 0.2);
    study_add(&study, steps, COUNT_OF(steps));
    study_conclude(&study);
    assert_int_equal(study.residency.rule, RESIDENCY_LRU);
    assert_int_equal(study.residency.capacity, 1);
    assert_int_equal(study.residency.wrong, 0);
    study_clear(&study);
}

static void test_without_a_revisit_nothing_is_reported(void **state)
{
    struct step steps[] = {step_to(names[0], 0, 0.5), step_to(names[1], 1, 0.5)};
    struct study study = {0};

    (void)state;
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(study.residency.revisits, 0);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distances_are_counted_with_what_they_paid),
        cmocka_unit_test(test_the_capacity_of_a_followed_node_is_found),
        cmocka_unit_test(test_known_weights_tell_the_capacity_between_two_sums),
        cmocka_unit_test(test_rows_of_one_configuration_stay_together),
        cmocka_unit_test(test_no_revisit_reaches_over_what_is_not_known),
        cmocka_unit_test(test_what_no_visit_shows_alone_their_sum_does),
        cmocka_unit_test(test_what_no_rule_tells_is_called_so),
        cmocka_unit_test(test_what_leaves_after_a_time_is_reported_with_it),
        cmocka_unit_test(test_where_nothing_can_be_seen_nothing_is_reported),
        cmocka_unit_test(test_a_stall_shows_no_memory),
        cmocka_unit_test(test_slow_visits_are_no_misfit),
        cmocka_unit_test(test_nothing_is_sure_beside_an_unexplained_revisit),
        cmocka_unit_test(test_what_was_never_seen_to_pay_contradicts_nothing),
        cmocka_unit_test(test_without_a_revisit_nothing_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
