/* A queue in front of a node, against what textbooks say of it and nodes that can be followed by
 * hand. */
#include "stats/queue.h"

#include "support.h"

static void expect_near(const char *name, double actual, double expected, double share)
{
    if (!(fabs(actual - expected) <= share * expected))
        fail_msg("%s: %g, not %g within %g", name, actual, expected, share);
}

/* Everything stays: a queue without switches. */
static struct queue_node all_stay(const struct queue_configuration *configuration, size_t count)
{
    return (struct queue_node){.configuration = configuration,
                               .configurations = count,
                               .capacity = INFINITY,
                               .lru = true,
                               .expiry_s = INFINITY};
}

/* M/D/1 waits ρ ÷ 2 (1 − ρ) services, and a service whose standard deviation is its mean, as
 * M/M/1's, ρ ÷ (1 − ρ), whatever its distribution (Pollaczek and Khinchine). */
static void test_one_class_waits_as_the_textbooks_say(void **state)
{
    static const struct queue_configuration one = {.weight = 1, .batch_most = 1};
    static const struct queue_member member = {.share = 1, .service_s = 0.2};
    static const double loads[] = {0.2, 0.5, 0.8};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(loads); i++) {
        double rho = loads[i];
        struct queue_node node = all_stay(&one, 1);
        struct queue_load load = {
            .member = &member, .members = 1, .rate = rho / 0.2, .in_a_row = 1, .calls = 400000};
        struct study_queue fixed = queue_predict(&node, &load, NULL), spread;

        load.spread = 1;
        spread = queue_predict(&node, &load, NULL);
        expect_near("used", fixed.utilisation, rho, 0.01);
        expect_near("M/D/1", fixed.wait_s, 0.2 * rho / 2 / (1 - rho), 0.03);
        expect_near("used", spread.utilisation, rho, 0.02);
        expect_near("cv 1", spread.wait_s, 0.2 * rho / (1 - rho), 0.1);
        assert_true(fixed.stable && fixed.paid_share == 0 && fixed.switch_wait_s == 0);
    }
}

/* Two classes in order: λ E[S²] ÷ 2 (1 − ρ) for both. */
static void test_two_classes_wait_by_the_second_moment(void **state)
{
    static const struct queue_configuration two[] = {{1, 0, 1}, {1, 0, 1}};
    static const struct queue_member member[] = {{3, 0.1, 0}, {1, 0.5, 1}};
    struct queue_node node = all_stay(two, 2);
    struct queue_load load = {
        .member = member, .members = 2, .rate = 3, .in_a_row = 1, .calls = 400000};
    double mean = 0.75 * 0.1 + 0.25 * 0.5, square = 0.75 * 0.01 + 0.25 * 0.25;

    (void)state;
    expect_near("wait", queue_predict(&node, &load, NULL).wait_s, 3 * square / 2 / (1 - 3 * mean),
                0.03);
}

/* One of two stays, and calls are independent: half of them pay 0.3 s beside 0.2. So a call's
 * service is 0.2 or 0.5 s, independent of the calls before where both are called alike, and the
 * wait is the formula's. */
static void test_switches_are_services_of_a_second_class(void **state)
{
    static const struct queue_configuration two[] = {{1, 0.3, 1}, {1, 0.3, 1}};
    static const struct queue_member member[] = {{1, 0.2, 0}, {1, 0.2, 1}};
    static const double rates[] = {0.5, 1, 2};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct queue_node node = all_stay(two, 2);
        struct queue_load load = {
            .member = member, .members = 2, .rate = rates[i], .in_a_row = 1, .calls = 400000};
        double square = (0.04 + 0.25) / 2, ideal = rates[i] * 0.04 / 2 / (1 - rates[i] * 0.2);
        double wait = rates[i] * square / 2 / (1 - rates[i] * 0.35);
        struct study_queue queue;

        node.capacity = 1;
        queue = queue_predict(&node, &load, NULL);
        expect_near("paid", queue.paid_share, 0.5, 0.01);
        expect_near("own switch", queue.switch_s, 0.15, 0.01);
        expect_near("of the time", queue.time_share, 0.15 * rates[i], 0.01);
        expect_near("used", queue.utilisation, 0.35 * rates[i], 0.01);
        expect_near("wait", queue.wait_s, wait, 0.03);
        expect_near("longer", queue.switch_wait_s, wait + 0.15 - ideal, 0.03);
        assert_true(queue.switch_wait_error_s < 0.03 * queue.switch_wait_s);
    }
}

/* Two of three stay. In order, whatever the load, what is paid is what independent calls pay: by
 * LRU 15.94 %, by FIFO 18.26 % (King 1971; test_call_mix.c). */
static void test_what_is_paid_in_order_does_not_depend_on_the_load(void **state)
{
    static const struct queue_configuration three[] = {{1, 0.3, 1}, {1, 0.3, 1}, {1, 0.3, 1}};
    static const struct queue_member member[] = {{0.7, 0.2, 0}, {0.2, 0.2, 1}, {0.1, 0.2, 2}};
    static const double rates[] = {0.1, 3};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(rates); i++) {
        struct queue_node node = all_stay(three, 3);
        struct queue_load load = {
            .member = member, .members = 3, .rate = rates[i / 2], .in_a_row = 1, .calls = 400000};

        node.capacity = 2;
        node.lru = i % 2 == 0;
        expect_near(node.lru ? "LRU" : "FIFO", queue_predict(&node, &load, NULL).paid_share,
                    node.lru ? 0.15944 : 0.18261, 0.015);
    }
}

/* In pairs on average, half as many come from the other. */
static void test_calls_in_a_row_pay_once(void **state)
{
    static const struct queue_configuration two[] = {{1, 0.3, 1}, {1, 0.3, 1}};
    static const struct queue_member member[] = {{1, 0.2, 0}, {1, 0.2, 1}};
    struct queue_node node = all_stay(two, 2);
    struct queue_load load = {
        .member = member, .members = 2, .rate = 1, .in_a_row = 2, .calls = 100000};

    (void)state;
    node.capacity = 1;
    expect_near("paid", queue_predict(&node, &load, NULL).paid_share, 0.25, 0.02);
}

/* 0.2 + 0.15 s a call: at 3 calls/s more than there is. Grouped, the queue has calls for what is
 * loaded, few pay, and it goes well. */
static void test_what_is_too_much_is_told(void **state)
{
    static const struct queue_configuration two[] = {{1, 0.3, 1}, {1, 0.3, 1}};
    static const struct queue_member member[] = {{1, 0.2, 0}, {1, 0.2, 1}};
    struct queue_node node = all_stay(two, 2);
    struct queue_load load = {
        .member = member, .members = 2, .rate = 3, .in_a_row = 1, .calls = 100000};
    struct study_queue queue;

    (void)state;
    node.capacity = 1;
    queue = queue_predict(&node, &load, NULL);
    assert_true(!queue.stable && isnan(queue.wait_s) && isnan(queue.switch_wait_s));
    expect_near("used", queue.utilisation, 1.05, 0.01);
    node.schedule = SCHEDULE_GROUPED;
    queue = queue_predict(&node, &load, NULL);
    assert_true(queue.stable && queue.utilisation < 0.95);
    assert_true(queue.paid_share < 0.3);
}

/* What comes when, and for whom; what is to be found. Services take 1 s, switches 2 s. */
struct followed_call {
    double at_s;
    size_t configuration;
    double begin_s;
    bool pays;
};

struct followed_case {
    const char *name;
    enum study_schedule schedule;
    size_t batch_most;
    double capacity, expiry_s;
    bool fifo;
    struct followed_call call[6];
};

static const struct followed_case followed_cases[] = {
    {"in order",
     SCHEDULE_IN_ORDER,
     1,
     1,
     INFINITY,
     false,
     {{0, 0, 0, true},
      {0.5, 1, 3, true},
      {0.6, 0, 6, true},
      {0.7, 1, 9, true},
      {20, 1, 20, false},
      {30, 0, 30, true}}},
    {"grouped",
     SCHEDULE_GROUPED,
     1,
     1,
     INFINITY,
     false,
     {{0, 0, 0, true},
      {0.5, 1, 4, true},
      {0.6, 0, 3, false},
      {0.7, 1, 7, false},
      {20, 1, 20, false},
      {30, 0, 30, true}}},
    {"in batches of two",
     SCHEDULE_IN_ORDER,
     2,
     1,
     INFINITY,
     false,
     {{0, 0, 0, true},
      {0.5, 1, 3, true},
      {0.6, 0, 6, true},
      {0.7, 1, 3, true},
      {0.8, 0, 6, true},
      {0.9, 1, 9, true}}},
    {"two stay, by use",
     SCHEDULE_IN_ORDER,
     1,
     2,
     INFINITY,
     false,
     {{0, 0, 0, true},
      {10, 1, 10, true},
      {20, 0, 20, false},
      {30, 2, 30, true},
      {40, 0, 40, false},
      {50, 1, 50, true}}},
    {"two stay, by loading",
     SCHEDULE_IN_ORDER,
     1,
     2,
     INFINITY,
     true,
     {{0, 0, 0, true},
      {10, 1, 10, true},
      {20, 0, 20, false},
      {30, 2, 30, true},
      {40, 0, 40, true},
      {50, 1, 50, true}}},
    {"what is idle for 10 s leaves",
     SCHEDULE_IN_ORDER,
     1,
     INFINITY,
     10,
     false,
     {{0, 0, 0, true},
      {10, 1, 10, true},
      {12.9, 0, 13, false},
      {24.1, 0, 24.1, true},
      {24.2, 1, 27.1, true},
      {37, 0, 37, false}}},
};

static void test_nodes_that_can_be_followed_by_hand(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(followed_cases); c++) {
        const struct followed_case *given = &followed_cases[c];
        struct queue_configuration loads[3];
        struct queue_node node = all_stay(loads, 3);
        struct queue_call call[6];

        for (size_t i = 0; i < 3; i++)
            loads[i] = (struct queue_configuration){1, 2, given->batch_most};
        for (size_t i = 0; i < 6; i++)
            call[i] = (struct queue_call){.at_s = given->call[i].at_s,
                                          .service_s = 1,
                                          .configuration = given->call[i].configuration};
        node.capacity = given->capacity;
        node.expiry_s = given->expiry_s;
        node.lru = !given->fifo;
        node.schedule = given->schedule;
        queue_run(&node, call, 6);
        for (size_t i = 0; i < 6; i++) {
            expect_number(given->name, call[i].begin_s, given->call[i].begin_s);
            expect_true(given->name, call[i].pays == given->call[i].pays);
        }
    }
}

/* A batch pays once, and each of its calls waits for that. */
static void test_a_batch_is_loaded_for_once(void **state)
{
    static const struct queue_configuration two[] = {{1, 2, 4}, {1, 2, 4}};
    struct queue_call call[] = {{.at_s = 0, .service_s = 1, .configuration = 0},
                                {.at_s = 1, .service_s = 1, .configuration = 1},
                                {.at_s = 2, .service_s = 5, .configuration = 1}};
    struct queue_node node = all_stay(two, 2);

    (void)state;
    assert_int_equal(queue_run(&node, call, 3), 2);
    assert_int_equal(call[1].batch, 1);
    assert_int_equal(call[2].batch, 1);
    assert_true(call[1].pays && call[2].pays);
}

/* What members meet adds up to what all do, each batch's switch once, however many share it. */
static void test_parts_add_up(void **state)
{
    const struct queue_configuration loads[] = {{1, 0.3, 4}, {1, 0.2, 4}, {1, 0.1, 1}};
    const struct queue_member members[] = {
        {0.5, 0.2, 0}, {0.2, 0.2, 1}, {0.2, 0.3, 1}, {0.1, 0.1, 2}};
    const struct queue_node node = {.configuration = loads,
                                    .configurations = 3,
                                    .capacity = 2,
                                    .lru = true,
                                    .expiry_s = INFINITY,
                                    .schedule = SCHEDULE_GROUPED};
    const struct queue_load load = {
        .member = members, .members = 4, .rate = 6, .in_a_row = 1, .calls = 20000};
    struct queue_part part[4];
    struct study_queue all = queue_predict(&node, &load, part);
    double paid = 0, switch_s = 0, time = 0;

    (void)state;
    for (size_t m = 0; m < 4; m++) {
        paid += members[m].share * part[m].paid_share;
        switch_s += members[m].share * part[m].switch_s;
        time += part[m].time_share;
    }
    assert_true(all.time_share > 0.01 && fabs(time / all.time_share - 1) < 1e-9);
    assert_true(fabs(paid / all.paid_share - 1) < 0.05); /* by shares as drawn */
    assert_true(fabs(switch_s / all.switch_s - 1) < 0.05);
    assert_true(part[3].paid_share > part[0].paid_share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_class_waits_as_the_textbooks_say),
        cmocka_unit_test(test_two_classes_wait_by_the_second_moment),
        cmocka_unit_test(test_switches_are_services_of_a_second_class),
        cmocka_unit_test(test_what_is_paid_in_order_does_not_depend_on_the_load),
        cmocka_unit_test(test_calls_in_a_row_pay_once),
        cmocka_unit_test(test_what_is_too_much_is_told),
        cmocka_unit_test(test_nodes_that_can_be_followed_by_hand),
        cmocka_unit_test(test_a_batch_is_loaded_for_once),
        cmocka_unit_test(test_parts_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
