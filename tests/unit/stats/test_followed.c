/* Memories that are followed, against sequences worked out by hand. */
#include "stats/followed.h"

#include "support.h"

/* Units are letters from a; capitals pay. */
static void expect_sequence(const char *name, const char *visits, double capacity, bool lru)
{
    struct followed memory = followed_make(5, capacity, lru);

    for (const char *c = visits; *c; c++) {
        bool pays = *c < 'a';

        if (followed_visit(&memory, (size_t)(*c - (pays ? 'A' : 'a')), 1) != pays)
            fail_msg("%s: visit %zu, %c", name, (size_t)(c - visits), *c);
    }
    followed_clear(&memory);
}

static void test_what_was_used_or_loaded_longest_ago_leaves(void **state)
{
    (void)state;
    expect_sequence("one", "AaBbABA", 1, true);
    expect_sequence("one, FIFO", "AaBbABA", 1, false);
    expect_sequence("two, LRU", "ABaCaBCAB", 2, true);
    expect_sequence("two, FIFO", "ABaCAcBa", 2, false);
    expect_sequence("all", "ABCDEabcdeedcba", 5, true);
    expect_sequence("all, FIFO", "ABCDEabcdeedcba", 5, false);
    expect_sequence("endless", "ABCDEabcde", INFINITY, false);
}

static void test_weights_fill_the_memory(void **state)
{
    struct followed memory = followed_make(4, 55, true);

    (void)state;
    assert_true(followed_visit(&memory, 0, 10));
    assert_true(followed_visit(&memory, 1, 20));
    assert_true(followed_visit(&memory, 2, 30)); /* 0 leaves: 60 would be too much */
    assert_false(followed_visit(&memory, 1, 20));
    assert_false(followed_visit(&memory, 2, 30));
    assert_true(followed_visit(&memory, 0, 10)); /* 1 leaves */
    assert_false(followed_visit(&memory, 2, 30));
    assert_true(followed_visit(&memory, 3, 60)); /* throws out all and never stays */
    assert_true(followed_visit(&memory, 3, 60));
    assert_true(followed_visit(&memory, 2, 30));
    followed_clear(&memory);
}

/* What is found leaves before all that was loaded since. */
static void test_what_was_there_before_is_the_oldest(void **state)
{
    struct followed memory = followed_make(4, 2, false);

    (void)state;
    assert_true(followed_visit(&memory, 0, 1));
    followed_found(&memory, 1, 1);
    followed_found(&memory, 2, 1); /* does not fit */
    assert_false(followed_visit(&memory, 1, 1));
    assert_true(followed_visit(&memory, 2, 1));
    assert_false(followed_visit(&memory, 0, 1));
    assert_true(followed_visit(&memory, 1, 1));
    followed_empty(&memory);
    assert_true(followed_visit(&memory, 1, 1));
    followed_clear(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_used_or_loaded_longest_ago_leaves),
        cmocka_unit_test(test_weights_fill_the_memory),
        cmocka_unit_test(test_what_was_there_before_is_the_oldest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
