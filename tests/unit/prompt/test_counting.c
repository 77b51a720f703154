/* How a server counts: learned from pairs of words and tokens. */
#include "prompt/counting.h"

#include "core/random.h"

#include "support.h"

static void test_nothing_known_takes_a_word_for_a_token(void **state)
{
    const struct counting counting = {0};

    (void)state;
    assert_int_equal(counting_words(&counting, 100, false), 100);
    assert_int_equal(counting_words(&counting, 100, true), 100);
    assert_int_equal(counting_estimate(&counting, 100), 100);
}

static void test_one_count_tells_the_template(void **state)
{
    static const int64_t targets[] = {38, 50, 1000, 131072};
    struct counting counting = {0};

    (void)state;
    counting_learn(&counting, 100, 137);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_int_equal(counting_words(&counting, targets[i], false), targets[i] - 37);
        assert_int_equal(counting_words(&counting, targets[i], true), targets[i]);
        assert_int_equal(counting_estimate(&counting, targets[i] - 37), targets[i]);
    }
    assert_int_equal(counting_words(&counting, 37, false), 1); /* never no word at all */
    assert_int_equal(counting_words(&counting, 5, false), 1);
}

static void test_exact_counts_of_any_lengths_stay_exact(void **state)
{
    struct counting counting = {0};
    struct random random = {{1, 2, 3, 4}};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t words = 1 + (int64_t)random_below(&random, 100000);

        counting_learn(&counting, words, words + 73);
        assert_int_equal(counting_estimate(&counting, 4000), 4073);
        assert_int_equal(counting_words(&counting, 4000, false), 3927);
    }
}

static void test_lengths_far_apart_tell_what_a_word_takes(void **state)
{
    struct counting counting = {0};

    (void)state;
    counting_learn(&counting, 16, 20 + 24);
    counting_learn(&counting, 512, 20 + 768);
    assert_float_equal(counting_per_word(&counting), 1.5, 0.001);
    assert_float_equal(counting_overhead(&counting), 20, 0.2);
    assert_int_equal(counting_words(&counting, 1520, false), 1000);
}

/* A tokenizer that cuts words unevenly: the length is right on the average, and no single count
 * moves it far. */
static void test_uneven_counts_are_levelled(void **state)
{
    struct counting counting = {0};
    struct random random = {{5, 6, 7, 8}};
    double sum = 0;

    (void)state;
    for (int i = 0; i < 400; i++) {
        int64_t words = counting_words(&counting, 1000, false);
        double tokens = 30 + 1.2 * (double)words + 12 * random_normal(&random);

        if (i >= 100)
            sum += tokens;
        counting_learn(&counting, words, (int64_t)tokens);
    }
    assert_float_equal(sum / 300, 1000, 5);
}

static void test_another_template_pushes_the_old_one_out(void **state)
{
    struct counting counting = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        counting_learn(&counting, 100, 110);
    for (int i = 0; i < 100; i++)
        counting_learn(&counting, 100, 140);
    assert_int_equal(counting_estimate(&counting, 100), 140);
}

static void test_what_is_remembered_gives_way_to_the_first_response_that_disagrees(void **state)
{
    struct counting agrees = {0}, disagrees;

    (void)state;
    counting_learn(&agrees, 100, 137);
    agrees.remembered = true;
    disagrees = agrees;
    counting_learn(&agrees, 1000, 1037);
    assert_false(agrees.remembered);
    assert_float_equal(agrees.samples, 2, 0);
    counting_learn(&disagrees, 1000, 1060);
    assert_float_equal(disagrees.samples, 1, 0);
    assert_int_equal(counting_estimate(&disagrees, 500), 560);
}

/* A server that says the same for every prompt teaches nothing, and breaks nothing. */
static void test_counts_that_do_not_follow_the_words(void **state)
{
    struct counting counting = {0};

    (void)state;
    for (int64_t words = 1; words < 5000; words += 500)
        counting_learn(&counting, words, 7);
    assert_true(counting_words(&counting, 100, false) >= 1);
    assert_true(counting_words(&counting, 100, false) < 1000000);
}

/* A server that cuts prompts to its context counts what it kept: 512 of 700 words, with HTTP 200.
 */
static void test_a_negative_template_is_never_learned(void **state)
{
    static const struct {
        const char *name;
        int64_t words, tokens;
        bool learned;
        double overhead, per_word;
    } cases[] = {
        {"cut to a context", 700, 512, false, 0, 1},
        {"far below the words", 1000, 100, false, 0, 1},
        {"just past the tolerance", 1000, 994, false, 0, 1},
        {"a little less than a token a word", 1000, 996, true, 0, 0.996},
        {"no template", 1000, 1000, true, 0, 1},
        {"a small one", 1000, 1003, true, 3, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct counting counting = {0};

        expect_true(cases[i].name,
                    counting_learn(&counting, cases[i].words, cases[i].tokens) == cases[i].learned);
        assert_float_equal(counting_overhead(&counting), cases[i].overhead, 1e-9);
        assert_float_equal(counting_per_word(&counting), cases[i].per_word, 1e-9);
        if (cases[i].learned)
            assert_int_equal(counting_estimate(&counting, cases[i].words), cases[i].tokens);
    }
}

static void test_what_is_known_outlives_a_count_that_cannot_be(void **state)
{
    struct counting counting = {0}, before;

    (void)state;
    counting_learn(&counting, 16, 36);
    counting_learn(&counting, 512, 532);
    counting.remembered = true;
    before = counting;
    assert_false(counting_learn(&counting, 680, 512));
    assert_memory_equal(&counting, &before, sizeof before);
    assert_true(counting_learn(&counting, 680, 710)); /* another template, which can be */
    assert_int_equal(counting_estimate(&counting, 100), 130);
}

/* Lengths far apart have shown that a word takes half a token. */
static void test_fewer_tokens_than_words_are_learned_where_lengths_tell(void **state)
{
    static const int64_t words[] = {16, 512}, tokens[] = {18, 266};
    struct counting counting = {0};

    (void)state;
    assert_false(counting_learn(&counting, 512, 266));
    counting = counting_from_pairs(words, tokens, COUNT_OF(words));
    assert_true(counting_is_believed(&counting));
    assert_float_equal(counting_per_word(&counting), 0.5, 0.001);
    assert_float_equal(counting_overhead(&counting), 10, 0.2);
    assert_true(counting_learn(&counting, 1980, 1000));
}

/* As after many requests of one length: a shorter context is no other slope. */
static void test_a_longer_prompt_that_is_cut_is_no_other_slope(void **state)
{
    struct counting counting = {0};

    (void)state;
    assert_true(counting_learn(&counting, 100, 120));
    assert_false(counting_learn(&counting, 700, 512));
    assert_int_equal(counting_estimate(&counting, 700), 720);
}

/* One wrong count among right ones, which no line joins with them, is no teacher for ever. */
static void test_right_counts_push_out_a_wrong_one_that_contradicts_them(void **state)
{
    struct counting counting = {0};

    (void)state;
    assert_true(counting_learn(&counting, 100, 10000));
    assert_true(counting_learn(&counting, 1000, 1037));
    assert_int_equal(counting_estimate(&counting, 500), 537);
}

/* What a server says is as wide as a number can be. */
static void test_a_count_that_no_prompt_has_teaches_nothing(void **state)
{
    static const int64_t counts[] = {INT64_MIN, -1, INT64_C(1000000000001), INT64_MAX};
    struct counting counting = {0};

    (void)state;
    counting_learn(&counting, 100, 137);
    counting.remembered = true;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        counting_learn(&counting, 100, counts[i]);
        assert_true(counting.remembered);
        assert_float_equal(counting.samples, 1, 0);
    }
    counting_learn(&counting, 100, INT64_C(1000000000000));
    assert_int_equal(counting_estimate(&counting, 100), INT64_C(1000000000000));
    assert_true(counting_is_sound(&counting));
}

static void test_what_cannot_have_been_learned_is_not_sound(void **state)
{
    static const struct {
        const char *name;
        struct counting counting;
        bool sound;
    } cases[] = {
        {"nothing known", {0, 0, 0, 0, 0, false}, true},
        {"learned", {2, 264, 301, 123008, 123008, true}, true},
        {"fewer than none", {-1, 16, 30, 0, 0, true}, false},
        {"endless", {INFINITY, 16, 30, 0, 0, true}, false},
        {"words below none", {1, -1, 30, 0, 0, true}, false},
        {"words past all prompts", {1, 1e11, 30, 0, 0, true}, false},
        {"tokens below none", {1, 16, -1, 0, 0, true}, false},
        {"tokens past all prompts", {1, 16, 1e13, 0, 0, true}, false},
        {"a spread below none", {1, 16, 30, -1, 0, true}, false},
        {"an endless spread", {1, 16, 30, INFINITY, 0, true}, false},
        {"an endless slope", {1, 16, 30, 0, INFINITY, true}, false},
        {"a slope past all templates", {1, 16, 30, 0, 1e300, true}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].name, counting_is_sound(&cases[i].counting) == cases[i].sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_known_takes_a_word_for_a_token),
        cmocka_unit_test(test_one_count_tells_the_template),
        cmocka_unit_test(test_exact_counts_of_any_lengths_stay_exact),
        cmocka_unit_test(test_lengths_far_apart_tell_what_a_word_takes),
        cmocka_unit_test(test_uneven_counts_are_levelled),
        cmocka_unit_test(test_another_template_pushes_the_old_one_out),
        cmocka_unit_test(test_what_is_remembered_gives_way_to_the_first_response_that_disagrees),
        cmocka_unit_test(test_counts_that_do_not_follow_the_words),
        cmocka_unit_test(test_a_negative_template_is_never_learned),
        cmocka_unit_test(test_what_is_known_outlives_a_count_that_cannot_be),
        cmocka_unit_test(test_fewer_tokens_than_words_are_learned_where_lengths_tell),
        cmocka_unit_test(test_a_longer_prompt_that_is_cut_is_no_other_slope),
        cmocka_unit_test(test_right_counts_push_out_a_wrong_one_that_contradicts_them),
        cmocka_unit_test(test_a_count_that_no_prompt_has_teaches_nothing),
        cmocka_unit_test(test_what_cannot_have_been_learned_is_not_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
