/* An event from the pattern is, byte for byte, the event that the dialect composes. */
#include "sim/event_template.h"

#include "exchange.h"
#include "sim/behaviour.h"

static void expect_same(const struct sim_dialect *dialect)
{
    struct event_template event_template = {0};
    struct text composed = {0}, filled = {0};
    struct exchange exchange;

    exchange_begin(&exchange, dialect, &exchange_experts[0], 20);
    assert_true(dialect->tokens_alike);
    assert_true(event_template_make(&event_template, dialect, &exchange.token_text));
    for (int64_t k = 0; k < 20; k++) {
        dialect->add_tokens(&composed, &exchange.token_text, k, 1);
        event_template_add(&event_template, &filled, &exchange.token_text, k);
    }
    assert_string_equal(filled.bytes, composed.bytes);
    text_clear(&composed);
    text_clear(&filled);
    event_template_clear(&event_template);
}

static void test_a_template_says_what_the_dialect_says(void **state)
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
        exchange_file.behaviour = cases[i].behaviour;
        if (cases[i].alike)
            expect_same(&sim_openai);
    }
    exchange_file.behaviour = (struct bundle_behaviour){0};
}

static void say_nothing(struct text *event, const struct token_text *token_text, int64_t first,
                        int64_t count)
{
    (void)token_text;
    (void)first;
    (void)count;
    text_add_string(event, "{}\n");
}

static void say_twice(struct text *event, const struct token_text *token_text, int64_t first,
                      int64_t count)
{
    (void)count;
    token_text_add_word(event, token_text, first);
    token_text_add_word(event, token_text, first);
}

static void test_no_event_template_without_one_place_for_the_word(void **state)
{
    static void (*const exchanges[])(struct text *, const struct token_text *, int64_t,
                                     int64_t) = {say_nothing, say_twice};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(exchanges); i++) {
        const struct sim_dialect dialect = {.add_tokens = exchanges[i]};
        struct event_template event_template = {0};
        struct exchange exchange;

        exchange_begin(&exchange, &dialect, &exchange_experts[0], 20);
        assert_false(event_template_make(&event_template, &dialect, &exchange.token_text));
        assert_int_equal(event_template.event.length, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_template_says_what_the_dialect_says),
        cmocka_unit_test(test_in_each_manner),
        cmocka_unit_test(test_no_event_template_without_one_place_for_the_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
