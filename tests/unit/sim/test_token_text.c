/* Words follow from the seed, the request and their place, whatever was said before. */
#include "exchange.h"

static void test_words_follow_from_the_seed(void **state)
{
    struct exchange once, again, other;

    (void)state;
    exchange_begin(&once, &sim_openai, &exchange_experts[0], 20);
    exchange_begin(&again, &sim_openai, &exchange_experts[0], 20);
    exchange_begin(&other, &sim_openai, &exchange_experts[0], 20);
    token_text_init(&other.token_text, &exchange_file, &other.request, &other.question, 8, 0);
    assert_string_equal(once.token_text.id, again.token_text.id);
    assert_string_not_equal(once.token_text.id, other.token_text.id);
    for (int64_t k = 19; k >= 0; k--) {
        text_reset(&once.text);
        text_reset(&again.text);
        token_text_add_word(&once.text, &once.token_text, k);
        token_text_add_word(&again.text, &again.token_text, k);
        assert_string_equal(once.text.bytes, again.text.bytes);
        assert_int_equal(once.text.bytes[0], ' ');
    }
    text_clear(&once.text);
    text_clear(&again.text);
}

static void test_all_words_are_each_word(void **state)
{
    struct exchange all, each;

    (void)state;
    exchange_begin(&all, &sim_openai, &exchange_experts[0], 50);
    exchange_begin(&each, &sim_openai, &exchange_experts[0], 50);
    token_text_add_words(&all.text, &all.token_text);
    for (int64_t k = 0; k < 50; k++)
        token_text_add_word(&each.text, &each.token_text, k);
    assert_string_equal(all.text.bytes, each.text.bytes);
    text_clear(&all.text);
    text_clear(&each.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_follow_from_the_seed),
        cmocka_unit_test(test_all_words_are_each_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
