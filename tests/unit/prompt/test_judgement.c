/* Which counts of prompts of known lengths are believed. */
#include "prompt/judgement.h"

#include "support.h"

static const struct {
    const char *name;
    size_t count;
    int64_t words[3], tokens[3];
    const char *refused; /* part of the sentence; NULL: believed */
    double overhead, per_word;
} cases[] = {
    {"a template", 2, {16, 512}, {53, 549}, NULL, 37, 1},
    {"none", 2, {16, 512}, {16, 512}, NULL, 0, 1},
    {"the largest template", 2, {16, 512}, {10016, 10512}, NULL, 10000, 1},
    {"one token more", 2, {16, 512}, {10017, 10513}, "10001 tokens for the template", 0, 0},
    {"a negative template", 2, {16, 512}, {15, 511}, "-1 tokens for the template", 0, 0},
    {"8 tokens a word", 2, {16, 512}, {128, 4096}, NULL, 1.5, 8},
    {"more", 2, {16, 512}, {128, 4097}, "8 tokens a word, which is implausible", 0, 0},
    {"a quarter of a token a word", 2, {16, 512}, {14, 138}, NULL, 10, 0.25},
    {"less", 2, {16, 512}, {14, 137}, "0.248 tokens a word", 0, 0},
    {"bytes", 2, {16, 512}, {80, 5000}, "9.92 tokens a word", 0, 0},
    {"fewer for more words", 2, {16, 512}, {80, 40}, "-0.0806 tokens a word", 0, 0},
    {"every prompt alike",
     2,
     {16, 512},
     {64, 64},
     "the server counted 64 of every prompt: it cuts "
     "them to its context; 700 cannot be measured",
     0,
     0},
    {"alike, and more than the words", 2, {16, 64}, {99, 99}, "0 tokens a word", 0, 0},
    {"one count", 1, {512}, {540}, NULL, 28, 1},
    {"one count below its words", 1, {700}, {512}, "-188 tokens for the template", 0, 0},
    {"the longest cut", 3, {16, 256, 512}, {36, 276, 512}, "276 of 256 words, 512 of 512", 0, 0},
    {"half a token a word", 3, {16, 256, 512}, {28, 149, 276}, NULL, 20, 0.5},
};

static void test_what_is_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct counting counting = {.samples = -7};
        struct error error = {0};
        bool believed =
            judgement_of(cases[i].words, cases[i].tokens, cases[i].count, 700, &counting, &error);

        expect_true(cases[i].name, believed == !cases[i].refused);
        if (believed) {
            assert_float_equal(counting_overhead(&counting), cases[i].overhead, 0.6);
            assert_float_equal(counting_per_word(&counting), cases[i].per_word, 0.01);
        } else {
            expect_part(cases[i].name, error.text, cases[i].refused);
            assert_float_equal(counting.samples, -7, 0);
        }
    }
}

static void test_which_counts_call_for_another(void **state)
{
    static const struct {
        const char *name;
        int64_t words[2], tokens[2];
        bool another;
    } pairs[] = {
        {"a token a word", {16, 512}, {36, 532}, false},
        {"more", {16, 512}, {36, 700}, false},
        {"cut", {16, 512}, {36, 512}, true},
        {"half", {16, 512}, {28, 276}, true},
        {"alike", {16, 512}, {64, 64}, false}, /* a third tells nothing more */
        {"nearly", {16, 512}, {36, 530}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        expect_true(pairs[i].name,
                    judgement_wants_another(pairs[i].words, pairs[i].tokens) == pairs[i].another);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_believed),
        cmocka_unit_test(test_which_counts_call_for_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
