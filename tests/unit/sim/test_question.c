/* Prompts: how they are counted for an expert, and what they are known by. */
#include "sim/question.h"

#include "support.h"

static struct bundle_tier tier = {.tokens = 4096};
static struct bundle_expert experts[] = {
    {.name = (char[]){"plain"}, .template_tokens = 10, .tiers = {&tier, 1}},
    {.name = (char[]){"pieces"},
     .template_tokens = 3,
     .tokenizer = BUNDLE_TOKENIZER_SUBWORDS,
     .tiers = {&tier, 1}},
};
static const struct node_file cached = {.bundle = {.experts = {experts, 2}},
                                        .noise = {.prefix_cache = true}};
static const struct node_file uncached = {.bundle = {.experts = {experts, 2}}};

static void test_texts_are_counted_for_an_expert(void **state)
{
    static const struct {
        const char *text;
        size_t expert;
        int64_t alone, with_template;
    } cases[] = {
        {"", 0, 0, 10},
        {"quietly, in memory", 0, 3, 13},
        {"", 1, 0, 3},
        {"quietly, in memory", 1, 5, 8}, /* quietl y , in memory */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct bundle_expert *expert = &experts[cases[i].expert];

        assert_int_equal(question_count(expert, cases[i].text, false), cases[i].alone);
        assert_int_equal(question_count(expert, cases[i].text, true), cases[i].with_template);
    }
}

static void test_a_prompt_is_the_sum_of_its_parts(void **state)
{
    struct question question = {.expert = &experts[1]};

    (void)state;
    question_begin_prompt(&uncached, true, &question);
    question_add_text("quietly", &question);
    question_add_image("data:,", &question);
    question_add_text("in memory", &question);
    assert_int_equal(question.prompt_tokens, 3 + 2 + QUESTION_IMAGE_TOKENS + 2);
    assert_false(question.has_prefix);
    assert_int_equal(question.prefix.count, 0);
    question_begin_prompt(&uncached, false, &question);
    assert_int_equal(question.prompt_tokens, 0);
    question_clear(&question);
}

/* What a prompt is known by, given its parts; freed at once, since only the number counts. */
static uint64_t number_of(const struct bundle_expert *expert, bool template, const char *text,
                          const char *url)
{
    struct question question = {.expert = expert};
    uint64_t number;

    question_begin_prompt(&cached, template, &question);
    question_add_text(text, &question);
    if (url)
        question_add_image(url, &question);
    assert_true(question.has_prefix);
    assert_int_equal(question.prefix.tokens, question.prompt_tokens);
    assert_int_equal(question.prefix.count, question.prompt_tokens / PREFIX_BLOCK);
    number = question.prefix.number;
    question_clear(&question);
    return number;
}

static void test_prompts_are_known_by_expert_template_texts_and_images(void **state)
{
    const uint64_t number = number_of(&experts[0], true, "a b", "data:1");

    (void)state;
    assert_true(number == number_of(&experts[0], true, "a  b ", "data:1"));
    assert_true(number != number_of(&experts[1], true, "a b", "data:1"));
    assert_true(number != number_of(&experts[0], false, "a b", "data:1"));
    assert_true(number != number_of(&experts[0], true, "a c", "data:1"));
    assert_true(number != number_of(&experts[0], true, "a b", "data:2"));
    assert_true(number != number_of(&experts[0], true, "a b", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_counted_for_an_expert),
        cmocka_unit_test(test_a_prompt_is_the_sum_of_its_parts),
        cmocka_unit_test(test_prompts_are_known_by_expert_template_texts_and_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
