/* Orders of a study: what each visits, and how often each pair. */
#include "plan/order.h"

#include "support.h"

/* Rows 0 … count−1; those whose bit is set are warm-ups. */
static struct rows rows_of(size_t count, unsigned warmups)
{
    struct rows rows = {.row = memory_new(count, sizeof *rows.row), .count = count};

    for (size_t i = 0; i < count; i++)
        rows.row[i].warmup = i < 32 && (warmups >> i & 1);
    return rows;
}

static struct order made(size_t count, unsigned warmups, struct order_asked asked)
{
    struct rows rows = rows_of(count, warmups);
    struct order order = {0};
    struct error error;

    if (!order_make(&rows, &asked, &order, &error))
        fail_msg("%s", error.text);
    rows_clear(&rows);
    return order;
}

/* Visits as letters, passes apart: "ab cd". */
static char *told(const struct order *order)
{
    struct text text = {0};

    for (size_t i = 0; i < order->count; i++) {
        if (i > 0 && order->visit[i].pass != order->visit[i - 1].pass)
            text_add_char(&text, ' ');
        text_add_char(&text, (char)('a' + order->visit[i].row));
    }
    return text_take(&text);
}

static void test_each_order_visits_rows_as_its_name_says(void **state)
{
    static const struct {
        const char *name;
        size_t rows;
        unsigned warmups;
        struct order_asked asked;
        const char *visits;
    } cases[] = {
        {"as listed", 3, 0, {ORDER_AS_LISTED, 1, false, 1}, "abc"},
        {"twice", 3, 0, {ORDER_AS_LISTED, 2, false, 1}, "abc abc"},
        {"reverse", 3, 0, {ORDER_REVERSE, 2, false, 1}, "cba cba"},
        {"every rotation", 3, 0, {ORDER_ROTATE, 1, false, 1}, "abcbcacab"},
        {"Williams, even", 4, 0, {ORDER_WILLIAMS, 1, false, 1}, "abdcbcadcdbadacb"},
        {"Williams, odd", 3, 0, {ORDER_WILLIAMS, 1, false, 1}, "abcbcacabcbaacbbac"},
        {"one row", 1, 0, {ORDER_WILLIAMS, 1, false, 1}, "a"},
        {"one row, all pairs", 1, 0, {ORDER_ALL_PAIRS, 2, false, 1}, "a"},
        {"one row after itself", 1, 0, {ORDER_ALL_PAIRS, 2, true, 1}, "aa a"},
        {"two rows", 2, 0, {ORDER_ALL_PAIRS, 2, false, 0}, "aba ba"},
        {"one row, again and again", 1, 0, {ORDER_RESIDENCY, 1, false, 1}, "aa"},
        {"two rows, each once the one", 2, 0, {ORDER_RESIDENCY, 2, false, 0}, "aaba bbab"},
        {"warm-ups first", 4, 5, {ORDER_REVERSE, 2, false, 1}, "ac db db"},
        {"only warm-ups", 2, 3, {ORDER_ALL_PAIRS, 2, true, 1}, "ab"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct order order = made(cases[i].rows, cases[i].warmups, cases[i].asked);
        char *visits = told(&order);

        if (strcmp(visits, cases[i].visits) != 0)
            fail_msg("%s: %s, not %s", cases[i].name, visits, cases[i].visits);
        free(visits);
        order_clear(&order);
    }
}

/* Counts each ordered pair by itself: order_count_pairs is held against it. */
static void count(const struct order *order, size_t rows, size_t *times)
{
    for (size_t i = order->warmups + 1; i < order->count; i++)
        times[order->visit[i - 1].row * rows + order->visit[i].row]++;
}

static void expect_each_pair(const struct order *order, size_t rows, size_t times, size_t self)
{
    size_t *counted = memory_new(rows * rows, sizeof *counted);
    struct order_pairs pairs = order_count_pairs(order);

    count(order, rows, counted);
    for (size_t from = 0; from < rows; from++) {
        for (size_t to = 0; to < rows; to++) {
            size_t wanted = from == to ? self : times;

            if (counted[from * rows + to] != wanted)
                fail_msg("%zu rows: %zu after %zu %zu times, not %zu", rows, to, from,
                         counted[from * rows + to], wanted);
        }
    }
    assert_int_equal(pairs.possible, rows * (rows - 1));
    assert_int_equal(pairs.visited, pairs.possible);
    assert_int_equal(pairs.least, times);
    assert_int_equal(pairs.most, times);
    assert_int_equal(pairs.self, self * rows);
    free(counted);
}

static void test_a_circuit_goes_every_way_exactly_once_a_pass(void **state)
{
    (void)state;
    for (size_t rows = 2; rows <= 40; rows++) {
        for (int self = 0; self < 2; self++) {
            for (int64_t passes = 1; passes <= 3; passes += 2) {
                struct order order =
                    made(rows, 0, (struct order_asked){ORDER_ALL_PAIRS, passes, self, 7 * rows});
                size_t ways = rows * (rows - 1) + (self ? rows : 0);

                assert_int_equal(order.count, (size_t)passes * ways + 1);
                expect_each_pair(&order, rows, (size_t)passes, self ? (size_t)passes : 0);
                order_clear(&order);
            }
        }
    }
}

static void test_a_balanced_square_holds_every_pair_equally_often_in_its_rows(void **state)
{
    (void)state;
    for (size_t rows = 2; rows <= 40; rows++) {
        struct order order = made(rows, 0, (struct order_asked){ORDER_WILLIAMS, 1, false, 1});
        size_t *counted = memory_new(rows * rows, sizeof *counted);
        size_t squares = rows % 2 == 0 ? 1 : 2;

        assert_int_equal(order.count, squares * rows * rows);
        for (size_t i = 1; i < order.count; i++) {
            if (i % rows != 0)
                counted[order.visit[i - 1].row * rows + order.visit[i].row]++;
        }
        for (size_t i = 0; i < rows * rows; i++)
            assert_int_equal(counted[i], i / rows == i % rows ? 0 : squares);
        free(counted);
        order_clear(&order);
    }
}

static void test_a_rotation_goes_few_of_the_ways(void **state)
{
    struct order order = made(5, 0, (struct order_asked){ORDER_ROTATE, 1, false, 1});
    struct order_pairs pairs = order_count_pairs(&order);

    (void)state;
    assert_int_equal(order.count, 25);
    assert_int_equal(pairs.possible, 20);
    assert_int_equal(pairs.visited, 9); /* 5 inside rotations, 4 from one to the next */
    assert_int_equal(pairs.least, 0);
    assert_int_equal(pairs.most, 4);
    assert_int_equal(pairs.self, 0);
    order_clear(&order);
}

static void test_a_draw_follows_from_seed_and_pass_alone(void **state)
{
    static const enum order_kind drawn[] = {ORDER_SHUFFLE, ORDER_ALL_PAIRS};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct order one = made(8, 0, (struct order_asked){drawn[i], 2, false, 8});
        struct order again = made(8, 0, (struct order_asked){drawn[i], 2, false, 8});
        struct order other = made(8, 0, (struct order_asked){drawn[i], 2, false, 16});
        char *a = told(&one), *b = told(&again), *c = told(&other);
        char *second = strchr(a, ' ') + 1;

        assert_string_equal(a, b);
        assert_string_not_equal(a, c);
        assert_true(strncmp(a, second, 7) != 0);
        free(a);
        free(b);
        free(c);
        order_clear(&one);
        order_clear(&again);
        order_clear(&other);
    }
}

/* A row comes back after 0, 1, 2 … others, all of them different. */
static void test_residency_comes_back_after_ever_more_others(void **state)
{
    enum { ROWS = 7 };
    struct order order = made(ROWS, 0, (struct order_asked){ORDER_RESIDENCY, 1, false, 10});
    size_t home = 10 % ROWS, others = 0, distance = 0;
    unsigned seen = 0;

    (void)state;
    assert_int_equal(order.count, 1 + ROWS * (ROWS + 1) / 2);
    assert_int_equal(order.visit[0].row, home);
    for (size_t i = 1; i < order.count; i++) {
        if (order.visit[i].row == home) {
            assert_int_equal(others, distance++);
            others = seen = 0;
            continue;
        }
        assert_false(seen >> order.visit[i].row & 1);
        seen |= 1u << order.visit[i].row;
        others++;
    }
    assert_int_equal(distance, ROWS);
    order_clear(&order);
}

/* A row for each letter: "." alone, "w" a warm-up, any other a member of the mix of that name. */
static struct rows mixed_rows(const char *letters)
{
    struct rows rows = rows_of(strlen(letters), 0);

    for (size_t i = 0; i < rows.count; i++) {
        rows.row[i].warmup = letters[i] == 'w';
        if (letters[i] != 'w' && letters[i] != '.')
            rows.row[i].mix = memory_bytes(&letters[i], 1);
    }
    return rows;
}

static void test_a_mix_is_visited_as_one(void **state)
{
    static const struct {
        const char *name, *rows;
        struct order_asked asked;
        const char *visits;
        size_t alone, mixes, members;
    } cases[] = {
        {"neighbours or not", ".xyx.y", {ORDER_AS_LISTED, 1, false, 1}, "abdcfe", 2, 2, 4},
        {"backward", ".xyx.y", {ORDER_REVERSE, 1, false, 1}, "ecfbda", 2, 2, 4},
        {"rotated", "x.x", {ORDER_ROTATE, 1, false, 1}, "acbbac", 1, 1, 2},
        {"all pairs", ".x.x", {ORDER_ALL_PAIRS, 1, false, 0}, "acbdcabda", 2, 1, 2},
        {"one member", "x.", {ORDER_AS_LISTED, 2, false, 1}, "ab ab", 1, 1, 1},
        {"after a warm-up", "xwx", {ORDER_AS_LISTED, 1, false, 1}, "b ac", 0, 1, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rows rows = mixed_rows(cases[i].rows);
        struct order order = {0};
        struct error error;
        char *visits;

        assert_true(order_make(&rows, &cases[i].asked, &order, &error));
        visits = told(&order);
        if (strcmp(visits, cases[i].visits) != 0)
            fail_msg("%s: %s, not %s", cases[i].name, visits, cases[i].visits);
        expect_true(cases[i].name, order.rows == cases[i].alone && order.mixes == cases[i].mixes &&
                                       order.members == cases[i].members);
        for (size_t k = 0; k < order.count; k++) {
            const struct visit *visit = &order.visit[k];

            expect_true(cases[i].name, visit->mixed == (rows.row[visit->row].mix != NULL));
            expect_true(cases[i].name,
                        order_visit_end(&order, k) == order_visit_end(&order, k - visit->member));
        }
        free(visits);
        order_clear(&order);
        rows_clear(&rows);
    }
}

static void test_a_mix_is_in_no_pair(void **state)
{
    struct rows rows = mixed_rows(".x.x.");
    struct order_asked asked = {ORDER_ALL_PAIRS, 1, false, 3};
    struct order order = {0};
    struct order_pairs pairs;
    struct error error;

    (void)state;
    assert_true(order_make(&rows, &asked, &order, &error));
    pairs = order_count_pairs(&order);
    assert_int_equal(pairs.possible, 6);
    assert_int_equal(pairs.visited, 6);
    assert_int_equal(pairs.most, 1);
    assert_int_equal(order.count, 13 + 3); /* of four places the mix is entered thrice */
    order_clear(&order);
    rows_clear(&rows);
}

static void test_an_order_without_end_is_refused(void **state)
{
    struct order_asked asked = {ORDER_ALL_PAIRS, 100, false, 1};
    struct rows rows = rows_of(300, 0);
    struct order order = {0};
    struct error error;

    (void)state;
    assert_false(order_make(&rows, &asked, &order, &error));
    assert_string_equal(error.text, "100 x all-pairs of 300 rows is up to 8970100 steps, and a run "
                                    "has at most 262144; take fewer rows or passes");
    rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_order_visits_rows_as_its_name_says),
        cmocka_unit_test(test_a_circuit_goes_every_way_exactly_once_a_pass),
        cmocka_unit_test(test_a_balanced_square_holds_every_pair_equally_often_in_its_rows),
        cmocka_unit_test(test_a_rotation_goes_few_of_the_ways),
        cmocka_unit_test(test_a_draw_follows_from_seed_and_pass_alone),
        cmocka_unit_test(test_residency_comes_back_after_ever_more_others),
        cmocka_unit_test(test_a_mix_is_visited_as_one),
        cmocka_unit_test(test_a_mix_is_in_no_pair),
        cmocka_unit_test(test_an_order_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
