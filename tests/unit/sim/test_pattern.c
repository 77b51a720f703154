/* An event from the pattern is, byte for byte, the event that the dialect composes. */
#include "sim/pattern.h"

#include "saying.h"
#include "sim/behaviour.h"

static void expect_same(const struct sim_dialect *dialect)
{
    struct pattern pattern = {0};
    struct text composed = {0}, filled = {0};
    struct saying saying;

    saying_begin(&saying, dialect, &saying_experts[0], 20);
    assert_true(dialect->tokens_alike);
    assert_true(pattern_make(&pattern, dialect, &saying.speech));
    for (int64_t k = 0; k < 20; k++) {
        dialect->add_tokens(&composed, &saying.speech, k, 1);
        pattern_add(&pattern, &filled, &saying.speech, k);
    }
    assert_string_equal(filled.bytes, composed.bytes);
    text_clear(&composed);
    text_clear(&filled);
    pattern_clear(&pattern);
}

static void test_a_pattern_says_what_the_dialect_says(void **state)
{
    static const struct sim_dialect *const dialects[] = {&sim_openai, &sim_generic_v2,
                                                         &sim_generic_v1};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(dialects); i++)
        expect_same(dialects[i]);
}

/* Each manner that leaves tokens alike has the pattern say the same; the others are known. */
static void test_in_each_manner(void **state)
{
    static const struct {
        struct bundle_behaviour behaviour;
        bool alike;
    } cases[] = {
        {{.role_chunk = true, .null_usage = true}, true},
        {{.tokens_per_chunk = 1, .usage = BUNDLE_USAGE_PLAIN, .no_done = true}, true},
        {{.usage = BUNDLE_USAGE_NEVER, .null_usage = true}, true},
        {{.crlf = true, .no_space = true, .event_fields = true, .bytes_per_piece = 3}, true},
        {{.tokens_per_chunk = 2}, false},
        {{.reasoning_tokens = 1}, false},
        {{.usage = BUNDLE_USAGE_EVERY_CHUNK}, false},
        {{.usage = BUNDLE_USAGE_LAST_CONTENT}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(behaviour_leaves_tokens_alike(&cases[i].behaviour), cases[i].alike);
        saying_bundle.behaviour = cases[i].behaviour;
        if (cases[i].alike)
            expect_same(&sim_openai);
    }
    saying_bundle.behaviour = (struct bundle_behaviour){0};
}

static void say_nothing(struct text *event, const struct speech *speech, int64_t first,
                        int64_t count)
{
    (void)speech;
    (void)first;
    (void)count;
    text_add_string(event, "{}\n");
}

static void say_twice(struct text *event, const struct speech *speech, int64_t first, int64_t count)
{
    (void)count;
    speech_add_word(event, speech, first);
    speech_add_word(event, speech, first);
}

static void test_no_pattern_without_one_place_for_the_word(void **state)
{
    static void (*const sayings[])(struct text *, const struct speech *, int64_t,
                                   int64_t) = {say_nothing, say_twice};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sayings); i++) {
        const struct sim_dialect dialect = {.add_tokens = sayings[i]};
        struct pattern pattern = {0};
        struct saying saying;

        saying_begin(&saying, &dialect, &saying_experts[0], 20);
        assert_false(pattern_make(&pattern, &dialect, &saying.speech));
        assert_int_equal(pattern.event.length, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pattern_says_what_the_dialect_says),
        cmocka_unit_test(test_in_each_manner),
        cmocka_unit_test(test_no_pattern_without_one_place_for_the_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
