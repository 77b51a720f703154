/* Words follow from the seed, the request and their place, whatever was said before. */
#include "saying.h"

static void test_words_follow_from_the_seed(void **state)
{
    struct saying once, again, other;

    (void)state;
    saying_begin(&once, &sim_openai, &saying_experts[0], 20);
    saying_begin(&again, &sim_openai, &saying_experts[0], 20);
    saying_begin(&other, &sim_openai, &saying_experts[0], 20);
    speech_init(&other.speech, &saying_bundle, &other.request, &other.question, 8, 0);
    assert_string_equal(once.speech.id, again.speech.id);
    assert_string_not_equal(once.speech.id, other.speech.id);
    for (int64_t k = 19; k >= 0; k--) {
        text_reset(&once.said);
        text_reset(&again.said);
        speech_add_word(&once.said, &once.speech, k);
        speech_add_word(&again.said, &again.speech, k);
        assert_string_equal(once.said.bytes, again.said.bytes);
        assert_int_equal(once.said.bytes[0], ' ');
    }
    text_clear(&once.said);
    text_clear(&again.said);
}

static void test_all_words_are_each_word(void **state)
{
    struct saying all, each;

    (void)state;
    saying_begin(&all, &sim_openai, &saying_experts[0], 50);
    saying_begin(&each, &sim_openai, &saying_experts[0], 50);
    speech_add_words(&all.said, &all.speech);
    for (int64_t k = 0; k < 50; k++)
        speech_add_word(&each.said, &each.speech, k);
    assert_string_equal(all.said.bytes, each.said.bytes);
    text_clear(&all.said);
    text_clear(&each.said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_follow_from_the_seed),
        cmocka_unit_test(test_all_words_are_each_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
